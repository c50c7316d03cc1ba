"""Logins that nginx's mail proxy asks about, through the guard: let in, refused, throttled, and never by half."""

import math
from dataclasses import replace

import pytest

from kernel.authority import Attempt, NotVerified, UpstreamLogin, Verified
from kernel.problems import Refused
from kernel.reasons import Reason
from policies.model import Decision, Limits, Outcome
from tests.proxy.decisions.site import CLIENT, DecisionSite, login
from tests.proxy.house import allow, policy, subject


async def told(site: DecisionSite, *more: str, **changes: str | None) -> dict[str, str]:
    """Ask as nginx does, on a connection of its own (HTTP/1.0), and return the fields of the answer."""
    edge = await site.enforcer()
    edge.send(login(*more, **changes))
    whole = (await edge.closed()).decode()
    assert whole.startswith("HTTP/1.1 200 OK\r\n") and whole.endswith("\r\n\r\n") and len(whole) <= 1024
    return dict(line.split(": ", 1) for line in whole.split("\r\n")[1:-2])


async def test_an_app_password_opens_the_mail_server_with_a_login_that_was_minted(site: DecisionSite) -> None:
    site.knows("app-password", subject())
    fields = await told(site)
    assert fields == {
        "Auth-Status": "OK",
        "Auth-Server": "10.1.2.3",
        "Auth-Port": "143",
        "Auth-User": "alice@example.com*gate",
        "Auth-Pass": "master-secret",
        "Content-Length": "0",
        "Connection": "close",
    }
    assert f"mint mail imap {CLIENT}" in site.authority.asked
    [decided] = await site.recorded("decided")
    assert (decided["service"], decided["outcome"], decided["address"]) == ("imap", "allow", CLIENT)
    assert len(site.leases) == 0


async def test_a_minted_token_goes_as_the_password(site: DecisionSite) -> None:
    site.knows("app-password", subject())
    site.authority.login = UpstreamLogin("XOAUTH2", "alice@example.com", "t" * 640)
    fields = await told(site, protocol="smtp")
    assert (fields["Auth-User"], fields["Auth-Pass"]) == ("alice@example.com", "t" * 640)


async def test_the_users_domain_picks_the_servers(site: DecisionSite) -> None:
    sam = subject("sam")
    site.knows("app-password", replace(sam, user=replace(sam.user, email="sam@sales.example")))
    assert (await told(site))["Auth-Server"] == "10.9.9.9"
    assert (await told(site, protocol="smtp"))["Auth-Server"] == "10.1.2.3"


async def test_a_protocol_without_a_server_is_our_trouble(site: DecisionSite) -> None:
    site.knows("app-password", subject())
    site.follower.policy = policy(pop3=allow())
    assert (await told(site, protocol="pop3"))["Auth-Status"].startswith("[SYS/TEMP]")
    [fault] = await site.recorded("fault")
    assert fault["what"] == "enforcer `edge` has no pop3 server for a user"


async def test_nothing_tells_a_wrong_password_from_an_unknown_name(site: DecisionSite) -> None:
    site.knows("app-password", subject())
    wrong = await told(site, password="wrong")
    unknown = await told(site, user="nobody", password="wrong")
    assert wrong == unknown
    assert wrong["Auth-Status"] == "[AUTHENTICATIONFAILED] User name or password is wrong."
    assert wrong["Auth-Wait"] == "2"


async def test_a_client_that_goes_on_guessing_is_shown_the_door(site: DecisionSite) -> None:
    assert "Auth-Wait" in await told(site, password="wrong", attempt="5")
    assert "Auth-Wait" not in await told(site, password="wrong", attempt="6")


async def test_who_is_throttled_reads_so_whoever_they_are(site: DecisionSite, monkeypatch: pytest.MonkeyPatch) -> None:
    async def throttled(attempt: Attempt) -> Verified | NotVerified:
        return NotVerified(Reason.THROTTLED, 30.0)

    monkeypatch.setattr(site.authority, "verify", throttled)
    known, unknown = await told(site), await told(site, user="nobody")
    assert known == unknown and known["Auth-Wait"] == "2"
    assert known["Auth-Status"].startswith("[AUTHENTICATIONFAILED] Too many failed attempts.")


async def test_the_rules_words_and_a_link_tell_why(site: DecisionSite) -> None:
    say = {"en": "Mail programs need a registered device.", "ja": "端末の登録が必要です。"}
    site.follower.policy = policy(imap=Decision(Outcome.DENY, "unknown device", 1, say=say))
    site.knows("app-password", subject(language="ja"))
    fields = await told(site)
    [decided] = await site.recorded("decided")
    link = f"https://id.example/r/{decided['reference']}"
    assert fields["Auth-Status"] == f"[AUTHORIZATIONFAILED] Mail programs need a registered device. {link}"
    assert not {"Auth-Wait", "Auth-Server", "Auth-Pass"} & fields.keys()


async def test_a_lost_device_is_refused(site: DecisionSite) -> None:
    who = site.knows("app-password", subject())
    assert (await told(site))["Auth-Status"] == "OK"
    site.lose(who)
    site.authority.good["app-password"] = replace(
        site.authority.good["app-password"], subject=site.authority.present[who.key]
    )
    assert "This device was reported lost." in (await told(site))["Auth-Status"]


async def test_a_rule_with_limits_lets_nobody_in_here(site: DecisionSite) -> None:
    site.knows("app-password", subject())
    for limits in (Limits(read_only=True), Limits(session=3600.0), Limits(idle=60.0)):
        site.follower.policy = policy(imap=Decision(Outcome.ALLOW, "limited", 1, limits=limits))
        fields = await told(site)
        assert fields["Auth-Status"].startswith("[AUTHORIZATIONFAILED] The access policy limits this session")
        assert "Auth-Pass" not in fields
    assert [event["reason"] for event in await site.recorded("decided")] == ["", "limits"] * 3


async def test_our_own_trouble_asks_nobody_for_a_new_password(site: DecisionSite) -> None:
    site.knows("app-password", subject())
    site.authority.login = Refused("no such backend")
    assert (await told(site))["Auth-Status"].startswith("[UNAVAILABLE]")
    site.authority.login = UpstreamLogin("PLAIN", "gate", "secret", "alice@example.com")
    assert (await told(site))["Auth-Status"].startswith("[UNAVAILABLE]")
    site.authority.down = True
    assert (await told(site, password="another"))["Auth-Status"].startswith("[UNAVAILABLE]")
    site.follower.confirmed_until = -math.inf
    assert (await told(site, protocol="smtp"))["Auth-Error-Code"] == "454 4.7.0"


@pytest.mark.parametrize("method", ["apop", "cram-md5", "none"])
async def test_a_method_without_a_secret_is_refused_at_once(site: DecisionSite, method: str) -> None:
    """With CRAM-MD5 and a wait nginx 1.29 followed a null pointer (CVE-2026-27651): no second try is offered."""
    fields = await told(site, method=method)
    assert fields["Auth-Status"].startswith("[AUTHENTICATIONFAILED]") and "Auth-Wait" not in fields
    assert "verify" not in site.authority.asked
