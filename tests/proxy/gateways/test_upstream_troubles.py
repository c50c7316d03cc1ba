"""An admitted session that cannot be opened: the client hears what it can act on, the operator what the server said."""

import asyncio

import pytest

from kernel.audit import UpstreamFailed
from kernel.authority import UpstreamLogin
from kernel.problems import Unavailable
from kernel.reasons import WORDS, Reason
from proxy.relays.failing import AGAIN, Failures, bounded
from tests.proxy.gateways.sockets import Stage
from tests.servers.certificates import Authority

PLAIN = b"AGFsaWNlAHNlY3JldA=="
TYPED = {
    "imap": b"a LOGIN alice secret\r\n",
    "pop3": b"AUTH PLAIN %b\r\n" % PLAIN,
    "submission": b"EHLO me\r\nAUTH PLAIN %b\r\n" % PLAIN,
    "sieve": b'AUTHENTICATE "PLAIN" "%b"\r\n' % PLAIN,
}
TRY_AGAIN = {"imap": b"a NO [UNAVAILABLE]", "pop3": b"-ERR [SYS/TEMP]", "submission": b"454 4.7.0", "sieve": b"NO (TRY"}
LINK = {"imap": b"a NO [AUTHORIZATIONFAILED]", "pop3": b"-ERR [AUTH]", "submission": b"535 5.7.1", "sieve": b"NO "}
REFUSES = {
    "imap": (b"* OK [CAPABILITY IMAP4rev1 SASL-IR] x\r\n", b"g3 NO [AUTHENTICATIONFAILED] no minted here\r\n", 2),
    "pop3": (b"+OK x\r\n", b"-ERR nothing known\r\n", 1),
    "submission": (b"220 x\r\n", b"250 AUTH XOAUTH2\r\n", 1),
    "sieve": (b'"SASL" "XOAUTH2"\r\nOK\r\n', b'NO "no minted here"\r\n', 1),
}


async def said(stage: Stage) -> bytes:
    client = await stage.connect()
    client.say(TYPED[stage.service])
    told = await client.rest()
    await client.close()
    return told


def failures(stage: Stage) -> list[UpstreamFailed]:
    return [event for event in stage.journal.events if isinstance(event, UpstreamFailed)]


@pytest.mark.parametrize("service", sorted(TYPED))
async def test_a_mailbox_that_is_not_linked_is_told_in_clear_words(authority: Authority, service: str) -> None:
    stage = Stage(authority, service)
    stage.mint.login = UpstreamLogin("NONE", "alice@example.org", "", denied=Reason.UPSTREAM_LINK)
    async with stage.open():
        told = await said(stage)
        assert LINK[service] in told and WORDS[Reason.UPSTREAM_LINK]["en"].encode() in told
        (event,) = failures(stage)
        assert (event.backend, event.service, event.what) == ("main", service, "not linked, or no longer")


@pytest.mark.parametrize("service", sorted(TYPED))
async def test_no_login_to_be_had_is_a_passing_trouble(authority: Authority, service: str) -> None:
    stage = Stage(authority, service)
    stage.mint.login = Unavailable("the token endpoint refuses: 503 away")
    async with stage.open():
        assert TRY_AGAIN[service] in await said(stage)
        assert [event.what for event in failures(stage)] == ["no login: the token endpoint refuses: 503 away"]


@pytest.mark.parametrize("service", sorted(TYPED))
async def test_what_the_server_says_is_on_record_without_the_secret(authority: Authority, service: str) -> None:
    stage = Stage(authority, service)
    greeting, answer, asked = REFUSES[service]

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        for _ in range(asked):
            await reader.readline()
        writer.write(answer)
        if service in ("submission", "pop3"):
            assert (await reader.readline()).startswith(b"AUTH XOAUTH2 ")
            code = b"535 5.7.8" if service == "submission" else b"-ERR [AUTH]"
            writer.write(b"%b no minted here\r\n" % code)
        await reader.read()

    stage.converse = refuse
    async with stage.open():
        assert TRY_AGAIN[service] in await said(stage)
        (event,) = failures(stage)
        assert "no [...] here" in event.what and "minted" not in event.what
        assert (event.user, event.session, event.address) == ("alice", "s_abc", "127.0.0.1")


async def test_a_server_that_hangs_up_is_on_record_once_a_minute(authority: Authority) -> None:
    stage = Stage(authority, "imap")
    async with stage.open():
        for _ in range(3):
            assert TRY_AGAIN["imap"] in await said(stage)
        assert [event.what for event in failures(stage)] == ["hung up before the login was done"]


def test_failures_are_bounded_and_told_again_after_a_while() -> None:
    event = UpstreamFailed(at=1000.0, user_id="u", session="s", service="imap", backend="b", what="no")
    told = Failures()
    later = UpstreamFailed(at=1000.0 + AGAIN, user_id="u", session="t", service="imap", backend="b", what="no")
    assert [told.new(event), told.new(event), told.new(later)] == [True, False, True]
    assert (
        bounded("NO\r\n\x1b[31m " + "QWxhZGRpbjpvcGVuIHNlc2FtZQ" * 3 + " x" * 500)
        == ("NO   [31m [...]" + " x" * 500)[:300].strip()
    )
