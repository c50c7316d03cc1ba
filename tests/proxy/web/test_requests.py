"""Whole requests through the door: judged, cleaned, carried, answered."""

from tests.proxy.web.site import WebSite, browser, request


async def test_a_known_browser_reaches_the_application(site: WebSite) -> None:
    site.knows("C", browser())
    status, fields, body = await site.get("/inbox?page=2")
    assert (status, body) == (200, b"hi")
    assert fields["strict-transport-security"].startswith("max-age")
    head = site.application.heads[0].decode()
    assert head.startswith("GET /inbox?page=2 HTTP/1.1\r\nHost: mail.example\r\n")
    assert "X-Gatepost-Identity: jwt.u_alice.mail\r\n" in head
    assert "X-Forwarded-For: 127.0.0.1\r\n" in head
    assert "Cookie: theme=dark\r\n" in head
    assert "gatepost-mail" not in head


async def test_every_request_of_a_connection_is_judged_and_none_asks_again(site: WebSite) -> None:
    site.knows("C", browser())
    here = await site.open()
    for _ in range(3):
        here.send(request())
        assert (await here.response())[0] == 200
    assert site.authority.asked.count("verify") == 1
    assert site.application.connections == 1
    assert len(site.leases) == 1


async def test_pipelined_requests_are_answered_in_order(site: WebSite) -> None:
    site.knows("C", browser())
    here = await site.open()
    here.send(request("/a") + request("/b", cookie="wrong") + request("/c"))
    assert [(await here.response())[0] for _ in range(3)] == [200, 303, 200]
    assert [head.split(b" ")[1] for head in site.application.heads] == [b"/a", b"/c"]
