"""Whole requests through the door: judged, cleaned, carried, answered."""

import asyncio
import json
import math
from dataclasses import replace
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from kernel.authority import Subject, Verified
from kernel.records.changes import Change
from kernel.records.devices import Proof, Trust
from kernel.records.sessions import Factor, SignIn
from tests.proxy.house import allow, policy
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


async def test_identity_fields_of_a_client_never_arrive_and_ours_always_do(site: WebSite) -> None:
    site.knows("C", browser())
    forged = [
        *("X-Forwarded-User: root", "X_Forwarded_User: root", "x-FORWARDED-for: 10.0.0.1", "X-Real-IP: 10.0.0.1"),
        *("Remote-User: root", "X-Gatepost-Identity: forged", "X_Gatepost_Identity: forged", "X-Original-URL: /admin"),
        *("X-Rewrite-URL: /admin", "X-HTTP-Method-Override: DELETE", "Forwarded: for=10.0.0.1", "Proxy: evil"),
        "Connection: X-Gatepost-Identity, X-Forwarded-For, close",
    ]
    status, _, _ = await site.get("/", *forged)
    head = site.application.heads[0].decode()
    assert status == 200
    for word in ("root", "10.0.0.1", "forged", "/admin", "DELETE", "evil"):
        assert word not in head, word
    assert head.count("X-Gatepost-Identity: jwt.u_alice.mail") == 1
    assert head.count("X-Forwarded-For: 127.0.0.1") == 1


async def test_an_application_neither_sets_our_cookies_nor_speaks_hop_by_hop(site: WebSite) -> None:
    site.knows("C", browser())
    site.application.answer = (
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nSet-Cookie: sid=1; Path=/\r\nSet-Cookie: __HOST-gatepost-mail=x\r\n"
        b"Keep-Alive: timeout=5\r\nX-Gatepost-Identity: leak\r\nStrict-Transport-Security: max-age=0\r\n\r\nhi"
    )
    _, fields, _ = await site.get()
    assert fields["set-cookie"] == "sid=1; Path=/"
    assert "keep-alive" not in fields
    assert "x-gatepost-identity" not in fields
    assert fields["strict-transport-security"] == "max-age=31536000"


async def test_without_a_session_a_person_is_led_to_sign_in_and_a_program_is_told(site: WebSite) -> None:
    status, fields, _ = await site.get("/mail?id=7", cookie="")
    assert status == 303
    assert fields["location"].startswith("https://id.example/enter?route=mail&state=")
    assert fields["location"].endswith("&to=%2Fmail%3Fid%3D7")
    assert fields["set-cookie"].startswith("__Host-gatepost~state-mail=")
    assert "Secure; HttpOnly; SameSite=Lax" in fields["set-cookie"]
    status, fields, body = await site.get("/api", "Sec-Fetch-Mode: cors", cookie="")
    assert status == 401
    assert json.loads(body)["error"] == "signin-needed"
    assert site.application.heads == []


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "POST", "PROPFIND", "TRACE", "CONNECT", "get"])
async def test_no_method_passes_without_a_session(site: WebSite, method: str) -> None:
    status, _, _ = await site.get("/", "User-Agent: kube-probe/1.30", method=method, cookie="")
    assert status in (303, 401, 405)
    assert site.application.heads == []


@pytest.mark.parametrize("cookie", ["x" * 4000, "a b", '"quoted"', "C; __Host-gatepost-mail=D", "%00"])
async def test_a_malformed_huge_or_doubled_cookie_is_none(site: WebSite, cookie: str) -> None:
    site.knows("C", browser())
    status, _, _ = await site.get(cookie=cookie)
    assert status == 303
    assert site.application.heads == []


async def test_the_hand_over_is_bound_to_the_browser_that_began_it(site: WebSite) -> None:
    site.knows("T", browser(), cookie="fresh")
    _, fields, _ = await site.get("/mail?id=7", cookie="")
    state = parse_qs(urlsplit(fields["location"]).query)["state"][0]
    held = fields["set-cookie"].split(";")[0]
    back = f"/.gatepost/return?ticket=T&state={quote(state)}"

    status, _, _ = await site.get(back, cookie="")
    assert status == 403
    status, _, _ = await site.get(back, "Cookie: __Host-gatepost~state-mail=AAAAAAAAAAAAAAAAAAAAAA", cookie="")
    assert status == 403
    assert site.authority.asked.count("verify") == 0

    status, fields, _ = await site.get(back, f"Cookie: {held}", cookie="")
    assert (status, fields["location"]) == (303, "/mail?id=7")
    gone, given = fields["set-cookie"].split("\n")
    assert gone.startswith("__Host-gatepost~state-mail=;")
    assert given.startswith("__Host-gatepost-mail=fresh; Path=/; Max-Age=43200; Secure; HttpOnly; SameSite=Lax")


async def test_a_denied_person_reads_the_rules_words_in_their_language(site: WebSite) -> None:
    who = browser(language="ja", trust=Trust.LOST)
    site.knows("C", who)
    status, fields, body = await site.get("/")
    page = body.decode()
    assert status == 403
    assert 'lang="ja"' in page
    assert "この端末は紛失として登録されています。" in page
    assert "https://id.example/r/" in page
    assert "frame-ancestors 'none'" in fields["content-security-policy"]
    assert "<script" not in page


async def test_losing_the_device_cuts_the_request_in_progress_and_the_next(site: WebSite) -> None:
    who = site.knows("C", browser())
    reached, go_on = asyncio.Event(), asyncio.Event()

    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n")
        reached.set()
        await go_on.wait()

    site.application.handle = endless
    here = await site.open()
    here.send(request("/events"))
    assert b"data: 1" in await here.reader.readuntil(b"data: 1\n\n")
    site.lose(who)
    await here.closed()
    assert len(site.leases) == 0
    go_on.set()
    status, _, body = await site.get()
    assert status == 403
    assert "reported lost" in body.decode()


async def test_a_stale_gate_answers_503_to_everybody(site: WebSite) -> None:
    site.knows("C", browser())
    here = await site.open()
    here.send(request())
    assert (await here.response())[0] == 200
    site.follower.confirmed_until = -math.inf
    here.send(request())
    status, fields, _ = await here.response()
    assert (status, fields["retry-after"]) == (503, "5")
    status, _, body = await site.get("/.gatepost/healthz", cookie="")
    assert (status, json.loads(body)["status"]) == (503, "stale")
    assert len(site.application.heads) == 1


async def test_health_is_told_on_every_host_of_ours(site: WebSite) -> None:
    for host in ("mail.example", "id.example"):
        status, _, body = await site.get("/.gatepost/healthz", cookie="", host=host)
        assert (status, json.loads(body)) == (200, {"change": 0, "policy": 1, "status": "ok"})


async def test_an_identity_side_out_of_reach_is_503_and_no_pass(site: WebSite) -> None:
    site.authority.down = True
    status, _, _ = await site.get()
    assert status == 503
    assert site.application.heads == []


async def test_an_old_proof_sends_a_page_load_to_prove_and_stops_a_script_in_time(site: WebSite) -> None:
    now = site.clock.now()
    site.knows("C", replace(browser(), proved_at=now - 700))
    status, fields, _ = await site.get("/mail")
    assert (status, fields["location"]) == (303, "https://id.example/prove?route=mail&to=%2Fmail")
    for fields in (("Sec-Fetch-Mode: cors",), ("Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: iframe")):
        assert (await site.get("/part", *fields))[0] == 200
    assert (await site.get("/form", "Sec-Fetch-Mode: navigate", method="POST"))[0] == 200
    site.knows("D", replace(browser("bob"), proved_at=now - 3700))
    status, _, body = await site.get("/api", "Sec-Fetch-Mode: cors", cookie="D")
    assert (status, json.loads(body)["error"]) == (401, "proof-needed")


async def test_a_proof_that_was_renewed_meanwhile_is_believed(site: WebSite) -> None:
    who = site.knows("C", replace(browser(), proved_at=site.clock.now() - 700))
    site.authority.present[who.key] = replace(who, proved_at=site.clock.now())
    status, _, _ = await site.get("/mail")
    assert status == 200


@pytest.mark.parametrize("proof", [Proof.NONE, Proof.CERTIFICATE])
async def test_nobody_else_is_asked_to_prove(site: WebSite, proof: Proof) -> None:
    who = replace(browser(), proved_at=0.0)
    site.knows("C", replace(who, key=replace(who.key, proof=proof)))
    assert (await site.get())[0] == 200


async def test_a_foreign_host_is_told_so_and_an_unknown_own_address_is_not_found(site: WebSite) -> None:
    assert (await site.get(host="other.example"))[0] == 421
    assert (await site.get("/.gatepost/other"))[0] == 404
    assert (await site.get("/.gatepost/healthz", method="POST"))[0] == 405


@pytest.mark.parametrize("host", ["MAIL.example", "mail.example.", "mail.example:443", "Mail.Example.:443"])
async def test_other_spellings_of_the_host_are_the_same_host(site: WebSite, host: str) -> None:
    assert (await site.get(cookie="", host=host))[0] == 303


@pytest.mark.parametrize("host", ["mail.example/healthz?x=", "mail.example@evil", "mail example", "", "mail.example:x"])
async def test_a_host_that_is_none_is_400(site: WebSite, host: str) -> None:
    assert (await site.get(host=host))[0] == 400
    assert site.application.heads == []


async def test_the_identity_pages_get_the_peer_from_us_alone(site: WebSite) -> None:
    status, _, body = await site.get(
        "/signin",
        *("X-Gatepost-Peer: 10.0.0.1", "x_gatepost_peer: 10.0.0.1", "X-GATEPOST-CERTIFICATE: Zm9yZ2Vk"),
        *("Cookie: __Host-gatepost-signin=S", "X-Forwarded-Host: evil.example"),
        host="id.example",
        cookie="",
    )
    assert (status, body) == (200, b"hi")
    head = site.pages.heads[0].decode()
    assert "X-Gatepost-Peer: 127.0.0.1\r\n" in head
    assert "Cookie: __Host-gatepost-signin=S\r\n" in head
    for word in ("10.0.0.1", "Zm9yZ2Vk", "evil"):
        assert word not in head


async def test_the_identity_pages_may_set_our_cookies(site: WebSite) -> None:
    site.pages.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nSet-Cookie: __Host-gatepost-signin=S\r\n\r\n"
    _, fields, _ = await site.get(host="id.example")
    assert fields["set-cookie"] == "__Host-gatepost-signin=S"


async def test_signing_out_here_ends_the_session_here(site: WebSite) -> None:
    site.knows("C", browser())
    await site.get()
    assert len(site.leases) == 1
    status, fields, _ = await site.get("/.gatepost/signout", "Sec-Fetch-Site: cross-site")
    assert (status, len(site.leases)) == (403, 1)
    status, fields, _ = await site.get("/.gatepost/signout", "Sec-Fetch-Site: same-origin")
    assert (status, len(site.leases)) == (303, 0)
    assert fields["set-cookie"].startswith("__Host-gatepost-mail=; Path=/; Max-Age=0")


async def test_a_trusted_proxy_may_name_the_client_and_nobody_else_may(closed_site: WebSite) -> None:
    site = closed_site
    site.trusted = ("127.0.0.0/8",)
    await site.start()
    site.knows("C", browser())
    await site.get("/", "X-Forwarded-For: 203.0.113.9, 127.0.0.5")
    assert b"X-Forwarded-For: 203.0.113.9\r\n" in site.application.heads[0]
    assert await site.recorder.drain(5.0)
    event = next(event for event in site.authority.events if event.kind == "decided")
    assert event.address == "203.0.113.9"


async def test_mapped_fields_and_the_mail_token_reach_the_application(closed_site: WebSite) -> None:
    site = closed_site
    site.route = replace(site.route, headers={"X-Mail-User": "email", "X-Teams": "groups"}, mail_token=True)
    await site.start()
    who = browser()
    site.knows("C", replace(who, user=replace(who.user, groups=frozenset({"staff", "admins"}))))
    await site.get("/", "X-Mail-User: root@example.com")
    head = site.application.heads[0].decode()
    assert head.count("X-Mail-User: alice@example.com\r\n") == 1
    assert "root@" not in head
    assert "X-Teams: admins,staff\r\n" in head
    assert "X-Gatepost-Mail-Token: token-for-s_" in head


async def test_a_hundred_browsers_never_get_each_others_answers(site: WebSite) -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            jwt = next(line for line in head.split(b"\r\n") if line.startswith(b"X-Gatepost-Identity: "))
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(jwt) - 21, jwt[21:]))

    site.application.handle = echo

    async def one(number: int) -> None:
        site.knows(f"C{number}", browser(f"user{number}"))
        here = await site.open()
        for _ in range(5):
            here.send(request(cookie=f"C{number}"))
            assert (await here.response())[2] == b"jwt.u_user%d.mail" % number

    await asyncio.gather(*(one(number) for number in range(100)))


def signed_in(at: float, **seen: float) -> Subject:
    """Somebody who signed in then, and did something since, if it is said when."""
    signin = SignIn("s_alice", "", "u_alice", at, math.inf, {Factor.PASSWORD: at}, seen={"mail": at, **seen})
    return replace(browser(), signin=signin)


async def test_a_session_counts_from_its_sign_in_and_ends_at_every_worker_alike(site: WebSite) -> None:
    site.follower.policy = policy(mail=allow(session=3600.0))
    site.knows("C", signed_in(site.clock.now() - 3500.0))
    assert (await site.get())[0] == 200
    [lease] = site.leases._leases.values()
    assert lease.deadline == pytest.approx(lease.since + 100.0, abs=1.0)
    assert lease.limited_since == pytest.approx(lease.since - 3500.0, abs=1.0)


async def test_what_a_person_does_is_told_where_idleness_is_limited(site: WebSite) -> None:
    site.follower.policy = policy(mail=allow(idle=600.0))
    site.knows("C", signed_in(site.clock.now()))
    assert (await site.get())[0] == 200
    [session] = site.door.house.sessions._sessions.values()
    announcer = site.leases._announcer
    await announcer.announce()
    begun = session.lease.since
    session.touch(begun + 59.0)
    assert announcer._news == {}
    session.touch(begun + 61.0)
    [news] = announcer._news.values()
    told = news.live("node")
    assert told.signin_id == "s_alice"
    assert told.active_at == pytest.approx(session.lease.begun + 61.0)


@pytest.mark.parametrize("limit", ["session", "idle"])
async def test_a_cookie_past_a_limit_opens_nothing_whichever_worker_saw_it_first(site: WebSite, limit: str) -> None:
    site.follower.policy = policy(mail=allow(**{limit: 3600.0}))
    now = site.clock.now()
    site.authority.good["C"] = Verified(signed_in(now - 3500.0))
    assert (await site.get())[0] == 200
    [session] = site.door.house.sessions._sessions.values()
    session.leave()
    site.authority.good["C"] = Verified(signed_in(now - 3600.0))
    reason = {"session": "session-limit", "idle": "idle"}[limit]
    status, fields, _ = await site.get()
    assert status == 303
    assert fields["location"].startswith("https://id.example/enter?")
    status, _, body = await site.get("/", "Sec-Fetch-Mode: cors")
    assert (status, json.loads(body)["error"]) == (401, reason)
    assert len(site.application.heads) == 1


async def test_a_browser_that_went_quiet_is_not_listed_and_finds_its_way_back(site: WebSite) -> None:
    site.knows("C", browser())
    await site.get()
    [session] = site.door.house.sessions._sessions.values()
    session.quiet()
    assert len(site.leases) == 0
    assert (await site.get())[0] == 200
    assert len(site.leases) == 1


async def test_a_new_policy_reaches_a_browser_on_an_open_connection(site: WebSite) -> None:
    site.knows("C", browser())
    here = await site.open()
    here.send(request())
    assert (await here.response())[0] == 200
    site.follower.policy = policy(2)
    site.follower._tell(["policy"])
    here.send(request())
    assert (await here.response())[0] == 403
    assert len(site.leases) == 0


async def test_changed_facts_are_told_to_the_application_with_the_next_request(site: WebSite) -> None:
    who = site.knows("C", browser())
    here = await site.open()
    here.send(request())
    await here.response()
    changed = replace(who, user=replace(who.user, groups=frozenset({"new"})), number=1)
    site.authority.present[who.key] = changed
    site.follower._tell(site.follower._remember([Change(1, 0.0, "user:u_alice")]))
    for _ in range(3):
        here.send(request())
        assert (await here.response())[0] == 200
    assert site.authority.asked.count("assertion") == 2


async def test_a_fault_of_ours_closes_the_connection_and_is_on_record(
    site: WebSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.knows("C", browser())

    def broken(*_: object) -> None:
        raise RuntimeError("on fire")

    monkeypatch.setattr(site.door.house.sessions, "find", broken)
    here = await site.open()
    here.send(request())
    assert await here.closed() == b""
    assert await site.recorder.drain(5.0)
    assert [event.what for event in site.authority.events if event.kind == "fault"] == ["RuntimeError: on fire"]
    assert site.application.heads == []


async def test_without_the_identity_pages_a_person_is_asked_to_try_again(site: WebSite) -> None:
    (site.directory / "run" / "pages.sock").unlink()
    status, fields, body = await site.get("/signin?to=%2F", host="id.example", cookie="")
    page = body.decode()
    assert (status, fields["retry-after"]) == (503, "5")
    assert "The identity service is out of reach" in page
    assert 'href="/signin?to=%2F"' in page
