"""Requests that a proxy of others' asks about: who may go on, with what beside, and what everybody else is told."""

import math
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from kernel.authority import Verified
from kernel.records.changes import Change
from policies.model import Decision, Limits, Outcome, Requirement
from proxy.web.style import PATH as STYLE
from tests.proxy.decisions.site import CLIENT, COOKIE, DecisionSite, asking
from tests.proxy.house import allow, policy
from tests.proxy.web.site import browser


async def test_a_known_browser_goes_on_with_its_identity_and_without_our_cookie(site: DecisionSite) -> None:
    site.knows("C", browser())
    status, fields, body = await site.ask()
    assert (status, body) == (200, b"")
    assert fields["x-gatepost-identity"] == "jwt.u_alice.wiki"
    assert fields["cookie"] == "theme=dark"
    [decided] = await site.recorded("decided")
    assert (decided["service"], decided["address"], decided["outcome"]) == ("wiki", CLIENT, "allow")
    assert decided["client"] == " (through edge)"


async def test_a_known_session_costs_no_question_and_no_store(site: DecisionSite) -> None:
    site.knows("C", browser())
    edge = await site.enforcer()
    for uri in ("/", "/b", "/c?x=1"):
        edge.send(asking(uri=uri))
        assert (await edge.response())[0] == 200
    assert site.authority.asked.count("verify") == site.authority.asked.count("assertion") == 1
    assert len(site.leases) == 1


async def test_mapped_fields_are_told_whatever_the_browser_says(site: DecisionSite) -> None:
    site.knows("C", browser())
    site.wiki = replace(site.wiki, headers={"X-Remote-User": "email"})
    site.decisions.serve = site.decisions.prepared(site._settings(), site.door.house, None)  # type: ignore[arg-type]
    _, fields, _ = await site.ask("X-Remote-User: root", "X-Gatepost-Identity: forged")
    assert fields["x-remote-user"] == "alice@example.com"
    assert fields["x-gatepost-identity"] == "jwt.u_alice.wiki"


async def test_who_is_not_signed_in_is_led_to_the_issuer_and_back_with_a_ticket(site: DecisionSite) -> None:
    status, fields, _ = await site.ask(cookie=None)
    place = urlsplit(fields["location"])
    asked = {name: values[0] for name, values in parse_qs(place.query).items()}
    assert (status, place.netloc, place.path) == (303, "id.example", "/enter")
    assert (asked["route"], asked["to"]) == ("wiki", "/page?q=1")
    held = fields["set-cookie"].split(";")[0]
    assert held.startswith("__Host-gatepost~state-wiki=")

    site.authority.good["T"] = Verified(browser(), cookie="N")
    back = f"/.gatepost/return?ticket=T&state={asked['state']}"
    status, fields, _ = await site.ask(f"Cookie: {held}", uri=back, cookie=None)
    assert (status, fields["location"]) == (303, "/page?q=1")
    assert f"{COOKIE}=N; Path=/; Max-Age=43200; Secure; HttpOnly; SameSite=Lax" in fields["set-cookie"]


async def test_a_ticket_comes_back_where_our_addresses_are_led_through_too(site: DecisionSite) -> None:
    _, fields, _ = await site.ask(cookie=None)
    state = parse_qs(urlsplit(fields["location"]).query)["state"][0]
    held = fields["set-cookie"].split(";")[0]
    site.authority.good["T"] = Verified(browser(), cookie="N")
    told = {"path": f"/.gatepost/return?ticket=T&state={state}", "host": "wiki.example", "cookie": None}
    status, fields, _ = await site.ask(f"Cookie: {held}", **told)
    assert (status, fields["location"]) == (303, "/page?q=1")
    status, fields, _ = await site.ask(path=STYLE, host="wiki.example")
    assert (status, fields["content-type"]) == (200, "text/css; charset=utf-8")
    assert (await site.ask(path=STYLE, host="shop.example"))[0] == 404


@pytest.mark.parametrize(("cookie", "status"), [("C", 200), (None, 401), ("wrong", 401)])
async def test_nginx_is_told_by_the_status_alone(site: DecisionSite, cookie: str | None, status: int) -> None:
    site.knows("C", browser())
    got, fields, _ = await site.ask(path="/auth-request", cookie=cookie)
    assert got == status
    assert "location" not in fields and "set-cookie" not in fields
    assert ("x-gatepost-identity" in fields) is (status == 200)


async def test_nginx_asks_again_for_the_page_and_never_gets_leave_by_it(site: DecisionSite) -> None:
    status, fields, _ = await site.ask(path="/forward-page", cookie=None)
    assert status == 303 and fields["location"].startswith("https://id.example/enter?")
    site.knows("C", browser())  # signed in meanwhile, in another tab
    status, fields, body = await site.ask(path="/forward-page")
    assert status == 503 and b'href="/page?q=1"' in body
    assert "x-gatepost-identity" not in fields


@pytest.mark.parametrize(
    ("language", "words", "label"),
    [("en", "Wikis are for staff.", "Why was I refused?"), ("ja", "社員専用です。", "拒否された理由を確認する")],
)
async def test_a_denial_is_a_page_in_the_persons_language(
    site: DecisionSite, language: str, words: str, label: str
) -> None:
    say = {"en": "Wikis are for staff.", "ja": "社員専用です。"}
    site.follower.policy = policy(wiki=Decision(Outcome.DENY, "staff only", 1, say=say))
    site.knows("C", browser(language=language))
    status, fields, body = await site.ask()
    assert status == 403 and words in body.decode() and label in body.decode()
    assert "x-gatepost-identity" not in fields
    status, _, body = await site.ask(path="/auth-request")
    assert status == 403 and words not in body.decode()
    [first, second] = await site.recorded("decided")
    assert first["rule"] == "staff only" and str(first["reference"]) != str(second["reference"])


async def test_a_program_is_told_by_status_and_data_and_not_led_away(site: DecisionSite) -> None:
    status, fields, body = await site.ask(cookie=None, accept="application/json")
    assert (status, fields["content-type"]) == (401, "application/json")
    assert b'"signin-needed"' in body
    status, _, _ = await site.ask(cookie=None, asked="POST")
    assert status == 401


async def test_a_factor_that_is_missing_leads_to_where_it_is_shown(site: DecisionSite) -> None:
    site.follower.policy = policy(wiki=Decision(Outcome.STEP_UP, "staff", 1, require=Requirement(())))
    site.knows("C", browser())
    status, fields, _ = await site.ask()
    assert status == 303 and fields["location"].startswith("https://id.example/enter?route=wiki")
    assert (await site.ask(path="/auth-request"))[0] == 401


async def test_a_proof_grown_old_is_asked_for_again(site: DecisionSite) -> None:
    who = replace(browser(), proved_at=site.clock.now() - 700.0)
    site.knows("C", who)
    status, fields, _ = await site.ask("Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document")
    assert status == 303 and fields["location"].startswith("https://id.example/prove?route=wiki&to=")
    assert (await site.ask(accept="application/json"))[0] == 200
    ancient = replace(who, proved_at=site.clock.now() - 4000.0)
    site.knows("A", ancient)
    assert (await site.ask(accept="application/json", cookie="A"))[0] == 401


async def test_a_lost_device_is_refused_with_the_next_request(site: DecisionSite) -> None:
    who = site.knows("C", browser())
    assert (await site.ask())[0] == 200
    site.lose(who)
    status, _, body = await site.ask()
    assert status == 403 and b"This device was reported lost." in body


async def test_a_session_ends_at_its_limit_and_one_that_we_cannot_keep_never_begins(site: DecisionSite) -> None:
    site.follower.policy = policy(wiki=Decision(Outcome.ALLOW, "look only", 1, limits=Limits(read_only=True)))
    site.knows("C", browser())
    status, _, body = await site.ask()
    assert status == 403 and b"limits this session in a way that cannot be kept here" in body
    assert [event["reason"] for event in await site.recorded("decided")] == ["", "limits"]
    assert len(site.leases) == 0
    site.follower.policy = policy(2, wiki=allow(session=3600.0, idle=60.0, revision=2))
    assert (await site.ask())[0] == 200


async def test_a_limit_that_comes_later_and_cannot_be_kept_refuses_too(site: DecisionSite) -> None:
    site.knows("C", browser())
    assert (await site.ask())[0] == 200
    [lease] = [site.leases.get(each.id) for each in site.leases.listing()]
    assert lease is not None
    lease.decision = Decision(Outcome.ALLOW, "look only", 1, limits=Limits(attachments_block=True))
    assert (await site.ask())[0] == 403


async def test_nobody_goes_on_while_nothing_can_be_confirmed(site: DecisionSite) -> None:
    site.knows("C", browser())
    assert (await site.ask())[0] == 200
    site.follower.confirmed_until = -math.inf
    assert (await site.ask())[0] == 503
    assert (await site.ask(path="/auth-request"))[0] == 503
    site.follower.confirmed_until = math.inf
    site.authority.down = True
    status, fields, _ = await site.ask(cookie="new")
    assert (status, fields["retry-after"]) == (503, "5")


async def test_signing_out_forgets_the_browser_on_that_host(site: DecisionSite) -> None:
    site.knows("C", browser())
    assert (await site.ask())[0] == 200
    status, fields, _ = await site.ask(uri="/.gatepost/signout")
    assert (status, fields["location"]) == (303, "https://id.example/oauth2/logout")
    assert f"{COOKIE}=; " in fields["set-cookie"]
    assert len(site.leases) == 0


@pytest.mark.parametrize(
    ("more", "status"),
    [
        (("Upgrade: websocket", "Connection: upgrade", "Origin: https://wiki.example"), 200),
        (("Sec-WebSocket-Key: k", "Origin: https://wiki.example"), 200),
        (("Sec-WebSocket-Key: k", "Origin: https://shop.example"), 403),
        (("Sec-WebSocket-Key: k", "Origin: null"), 403),
    ],
)
async def test_a_websocket_is_for_pages_of_the_application(
    site: DecisionSite, more: tuple[str, ...], status: int
) -> None:
    site.knows("C", browser())
    assert (await site.ask())[0] == 200
    assert (await site.ask(*more))[0] == status


async def test_envoy_asks_with_the_request_itself_below_a_prefix(site: DecisionSite) -> None:
    site.knows("C", browser())
    envoy = {"host": "wiki.example", "about": None, "uri": None, "asked": None}
    status, fields, _ = await site.ask("Content-Length: 0", path="/envoy/page?q=1", method="POST", **envoy)
    assert (status, fields["x-gatepost-identity"]) == (200, "jwt.u_alice.wiki")
    status, fields, _ = await site.ask(path="/envoy/page?q=1", cookie=None, **envoy)
    assert status == 303 and "to=%2Fpage%3Fq%3D1" in fields["location"]
    assert (await site.ask(path="/envoy/page", method="HEAD", **envoy))[0] == 200
    assert (await site.ask(path="/envoy/page", **{**envoy, "host": "shop.example"}))[0] == 404


async def test_a_policy_published_meanwhile_counts_at_the_next_request(site: DecisionSite) -> None:
    site.knows("C", browser())
    assert (await site.ask())[0] == 200
    site.follower.policy = policy(2)
    site.leases.changed(site.follower._remember([Change(site.follower.number + 1, 0.0, "policy")]))
    assert (await site.ask())[0] == 403
