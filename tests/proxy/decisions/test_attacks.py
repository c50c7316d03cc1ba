"""What must fail at the decision point: strangers, forged fields, two readings of one address, cookies and tickets that
belong elsewhere."""

import asyncio
from urllib.parse import parse_qs, urlsplit

import pytest

from kernel.authority import Verified
from tests.proxy.decisions.site import CLIENT, COOKIE, OTHER, SECRET, DecisionSite, asking, login
from tests.proxy.web.site import browser

QUESTIONS = ("/forward-auth", "/auth-request", "/forward-page", "/envoy/page", "/.gatepost/return?ticket=T", "/")


@pytest.mark.parametrize("secret", [None, "", "wrong-secret-of-a-stranger", SECRET + "x", SECRET.upper()])
async def test_who_is_no_enforcer_learns_nothing(site: DecisionSite, secret: str | None) -> None:
    site.knows("C", browser())
    for path in (*QUESTIONS, "/mail-auth"):
        status, fields, body = await site.ask(path=path, host="wiki.example", secret=secret)
        assert (status, body) == (401, b'{"error": "enforcer"}\n'), path
        assert not {"x-gatepost-identity", "location", "set-cookie", "auth-status"} & fields.keys()
    assert "verify" not in site.authority.asked


async def test_strangers_are_on_record_and_fill_no_log(site: DecisionSite) -> None:
    for _ in range(5):
        await site.ask(secret="wrong-secret-of-a-stranger")
    [refused] = await site.recorded("credential-refused")
    assert (refused["service"], refused["address"], refused["reason"]) == ("decisions", "127.0.0.1", "credentials")


async def test_a_secret_shown_twice_or_elsewhere_is_none(site: DecisionSite) -> None:
    site.knows("C", browser())
    for more in ((f"X-Gatepost-Enforcer: {SECRET}",), ("X-Gatepost-Enforcer: x",)):
        assert (await site.ask(*more))[0] == 401
    beside = (f"X_Gatepost_Enforcer: {SECRET}", f"Authorization: Bearer {SECRET}", f"Cookie: secret={SECRET}")
    assert (await site.ask(*beside, secret=None))[0] == 401


async def test_an_enforcer_from_elsewhere_is_a_stranger(site: DecisionSite) -> None:
    site.networks = ("192.0.2.0/24",)
    site.decisions.serve = site.decisions.prepared(site._settings(), site.door.house, None)  # type: ignore[arg-type]
    assert (await site.ask())[0] == 401


async def test_an_enforcer_asks_about_its_own_routes_alone(site: DecisionSite) -> None:
    site.knows("C", browser())
    for about in ("shop.example", "mail.example", "id.example", "evil.example"):
        assert (await site.ask(about=about))[0] == 404
    assert (await site.ask(secret=OTHER))[0] == 404


async def test_what_a_client_says_of_itself_is_not_what_the_enforcer_says(site: DecisionSite) -> None:
    """An enforcer sets each field once. Where a client's own passes beside it, nobody decides which one counts."""
    site.knows("C", browser())
    for forged in ("X-Forwarded-Uri: /public", "X-Forwarded-Host: wiki.example", "X-Forwarded-Method: GET"):
        assert (await site.ask(forged))[0] == 400
    harmless = (
        "X_Forwarded_Uri: /admin",
        "X-Original-URL: /admin",
        "X-Rewrite-URL: /admin",
        "Forwarded: host=shop.example",
    )
    assert (await site.ask(*harmless))[0] == 200


async def test_the_address_is_the_enforcers_word_and_never_the_clients(site: DecisionSite) -> None:
    site.knows("C", browser())
    await site.ask(client=f"10.0.0.1, {CLIENT}", cookie="C")
    await site.ask("X-Real-IP: 10.0.0.1", "True-Client-IP: 10.0.0.1")
    assert {event["address"] for event in await site.recorded("decided")} == {CLIENT}
    assert (await site.ask(client=None))[0] == 400


@pytest.mark.parametrize(
    "uri",
    [
        *("", "page", "http://evil.example/", "/%2e%2e/admin", "/a/..;/admin", "/a/../admin", "/a\\..\\admin"),
        *("/a%2fb", "/a%5cb", "/%00", "/%0d%0aX: y", "/#frag", "/a b", "*", "/%zz", "/\xe9", "/" + "a" * 9000),
    ],
)
async def test_an_address_with_two_readings_is_refused(site: DecisionSite, uri: str) -> None:
    site.knows("C", browser())
    status, fields, _ = await site.ask(uri=uri)
    assert status == 400 and "x-gatepost-identity" not in fields


@pytest.mark.parametrize(
    ("change", "value", "status"),
    [
        ("about", "wiki.example@evil.example", 400),
        ("about", "wiki.example, evil.example", 400),
        ("about", "wiki.example/", 400),
        ("about", "WIKI.example.", 200),
        ("about", "wiki.example:443", 200),
        ("about", "wiki.example:8443", 404),
        ("asked", "GET POST", 400),
        ("asked", "CONNECT", 405),
        ("asked", "TRACE", 405),
        ("asked", "M" * 40, 400),
        ("proto", "http", 400),
        ("proto", "https, http", 400),
    ],
)
async def test_host_method_and_scheme_have_one_form(site: DecisionSite, change: str, value: str, status: int) -> None:
    site.knows("C", browser())
    assert (await site.ask(**{change: value}))[0] == status


async def test_a_longer_path_has_its_own_route_and_its_own_cookie(site: DecisionSite) -> None:
    site.knows("C", browser())
    assert (await site.ask(uri="/admin/x"))[0] == 303  # the cookie that was sent is the wiki's
    assert (await site.ask(uri="/%61dmin"))[0] == 303
    _, fields, _ = await site.ask("Cookie: __Host-gatepost-admin=C", uri="/admin", cookie=None)
    assert "x-gatepost-identity" not in fields  # nobody's rule lets anybody in there


@pytest.mark.parametrize(
    "cookies",
    [
        "__Host-gatepost-shop=C",
        "__host-gatepost-wiki=C",
        f"{COOKIE}=C; {COOKIE}=C",
        f"{COOKIE}=C%00",
        f"{COOKIE}=" + "C" * 2000,
        f"{COOKIE}=",
    ],
)
async def test_a_cookie_of_another_route_or_form_is_none(site: DecisionSite, cookies: str) -> None:
    site.knows("C", browser())
    assert (await site.ask(f"Cookie: {cookies}", cookie=None))[0] == 303


async def test_a_ticket_works_for_the_browser_that_left_with_its_state(site: DecisionSite) -> None:
    _, fields, _ = await site.ask(cookie=None)
    state = parse_qs(urlsplit(fields["location"]).query)["state"][0]
    site.authority.good["T"] = Verified(browser(), cookie="N")
    for held in ("", "Cookie: __Host-gatepost~state-wiki=AAAAAAAAAAAAAAAAAAAAAA"):
        more = (held,) if held else ()
        status, fields, _ = await site.ask(*more, uri=f"/.gatepost/return?ticket=T&state={state}", cookie=None)
        assert status == 403 and "set-cookie" not in fields
    assert "verify" not in site.authority.asked


async def test_a_ticket_that_was_used_lets_nobody_in(site: DecisionSite) -> None:
    _, fields, _ = await site.ask(cookie=None)
    state = parse_qs(urlsplit(fields["location"]).query)["state"][0]
    held = f"Cookie: {fields['set-cookie'].split(';')[0]}"
    back = f"/.gatepost/return?ticket=T&state={state}"
    site.authority.good["T"] = Verified(browser(), cookie="N")
    assert (await site.ask(held, uri=back, cookie=None))[0] == 303
    del site.authority.good["T"]  # spent
    status, fields, _ = await site.ask(held, uri=back, cookie=None)
    assert status in (403, 503) and COOKIE + "=N" not in fields.get("set-cookie", "")


@pytest.mark.parametrize("to", ["//evil.example/x", "/\\evil.example", "https://evil.example/", "/.gatepost/signout"])
async def test_nobody_is_sent_elsewhere(site: DecisionSite, to: str) -> None:
    _, fields, _ = await site.ask(cookie=None, uri=f"/?next={to}")
    assert fields["location"].startswith("https://id.example/enter?")
    status, fields, _ = await site.ask(cookie=None, uri=to)
    location = fields.get("location", "")
    assert status in (303, 400, 404) and (not location or location.startswith("https://id.example/"))


async def test_our_addresses_never_give_leave(site: DecisionSite) -> None:
    """A 200 to the enforcer is leave for the application's own page of that address."""
    site.knows("C", browser())
    for path in ("/.gatepost/healthz", "/.gatepost/keys", "/.gatepost/style.css", "/.gatepost/", "/.gatepost/x"):
        for way in ("/forward-auth", "/auth-request", "/forward-page"):
            assert (await site.ask(uri=path, path=way))[0] == 404, (path, way)


async def test_questions_of_any_size_are_bounded(site: DecisionSite) -> None:
    status, _, _ = await site.ask(*[f"X-Pad-{nth}: x" for nth in range(300)])
    assert status == 431
    assert (await site.ask("X-Pad: " + "x" * 40_000))[0] == 431
    assert (await site.ask("X-Pad: a\x00b"))[0] == 400


async def test_questions_sent_ahead_are_answered_each_by_its_own_cookie(site: DecisionSite) -> None:
    site.knows("C", browser())
    site.knows("B", browser("bob"))
    edge = await site.enforcer()
    edge.send(b"".join(asking(cookie=cookie) for cookie in ("C", "wrong", "B", "C")))
    told = [await edge.response() for _ in range(4)]
    assert [status for status, _, _ in told] == [200, 303, 200, 200]
    assert [fields.get("x-gatepost-identity") for _, fields, _ in told] == [
        *("jwt.u_alice.wiki", None, "jwt.u_bob.wiki", "jwt.u_alice.wiki")
    ]


async def test_a_hundred_at_once_get_each_their_own_identity(site: DecisionSite) -> None:
    names = [f"user{nth}" for nth in range(100)]
    for name in names:
        site.knows(name, browser(name))
    told = await asyncio.gather(*(site.ask(cookie=name) for name in names))
    assert [fields["x-gatepost-identity"] for _, fields, _ in told] == [f"jwt.u_{name}.wiki" for name in names]


async def test_a_body_with_a_question_ends_the_connection(site: DecisionSite) -> None:
    site.knows("C", browser())
    edge = await site.enforcer()
    edge.send(asking("Content-Length: 5") + b"smugg" + asking(cookie=None))
    assert (await edge.response())[0] == 200
    assert await edge.closed() == b""


async def test_a_login_is_never_asked_for_by_a_request_about_a_page(site: DecisionSite) -> None:
    """``/mail-auth`` hands out what opens a mail server: a page of that name is a page."""
    status, fields, _ = await site.ask("Auth-Protocol: imap", uri="/mail-auth", cookie=None)
    assert status == 303 and "auth-pass" not in fields
    edge = await site.enforcer()
    edge.send(login(secret=None))
    assert (await edge.response())[0] == 401
