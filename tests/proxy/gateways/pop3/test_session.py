"""Whole POP3 sessions over loopback sockets: client, gate, upstream."""

import asyncio
import contextlib
import os

import pytest

from kernel.config.settings import Tls
from kernel.reasons import Reason
from tests.proxy.gateways.sockets import Client, Stage
from tests.servers.certificates import Authority

LETTER = b"\r\n".join(os.urandom(48).hex().encode() for _ in range(20_000)) + b"\r\n"


async def welcome(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Play the server up to the login."""
    writer.write(b"+OK [XCLIENT] upstream ready\r\n")
    while not (line := await reader.readline()).startswith(b"AUTH XOAUTH2 "):
        assert line.startswith((b"CAPA", b"XCLIENT ADDR=127.0.0.1 "))
        writer.write(b"+OK\r\nUIDL\r\n.\r\n" if line == b"CAPA\r\n" else b"+OK\r\n")
    writer.write(b"+OK in\r\n")


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer NOOP, RETR and QUIT of a session; HALF sends half a letter."""
    await welcome(reader, writer)
    while line := await reader.readline():
        if line.startswith(b"RETR 1"):
            writer.write(b"+OK\r\n%b.\r\n" % LETTER)
        elif line.startswith(b"RETR 2"):
            writer.write(b"+OK\r\nSubject: half of it\r\nand a bit")
        else:
            writer.write(b"+OK %b" % line)
            if line.startswith(b"QUIT"):
                return


@pytest.fixture
def stage(authority: Authority) -> Stage:
    stage = Stage(authority, "pop3")
    stage.converse = serve
    return stage


async def logged_in(stage: Stage) -> Client:
    client = await stage.connect()
    assert await client.line() == b"+OK gate.example.org POP3 ready.\r\n"
    client.say(b"USER alice\r\nPASS secret\r\n")
    assert await client.lines(2) == [b"+OK And the password?\r\n", b"+OK Logged in.\r\n"]
    return client


@pytest.mark.parametrize("upstream", [Tls.NONE, Tls.IMPLICIT])
async def test_a_session_is_held_relayed_and_released(stage: Stage, upstream: Tls) -> None:
    stage.upstream_tls = upstream
    async with stage.open():
        client = await logged_in(stage)
        lease = stage.leases.only
        assert (lease.service, lease.address, lease.session) == ("pop3", "127.0.0.1", "s_abc")
        assert stage.mint.orders[0].service == "pop3"
        client.say(b"NOOP\r\nQUIT\r\n")
        assert await client.rest() == b"+OK NOOP\r\n+OK QUIT\r\n"
        await stage.leases.until(lambda: bool(stage.leases.released))
        (_, reason, inwards, _) = stage.leases.released[0]
        assert reason is None
        assert inwards == len(b"USER alice\r\nPASS secret\r\nNOOP\r\nQUIT\r\n")
        await client.close()


async def test_a_large_letter_arrives_as_it_was_and_counts_as_activity(stage: Stage) -> None:
    async with stage.open():
        client = await logged_in(stage)
        stage.leases.only.active_at = 0.0
        client.say(b"RETR 1\r\n")
        assert await client.line() == b"+OK\r\n"
        assert await client.exactly(len(LETTER) + 3) == LETTER + b".\r\n"
        spoke = stage.leases.only.active_at
        assert spoke > 0
        client.say(b"NOOP\r\n")
        assert await client.line() == b"+OK NOOP\r\n"
        await client.close()


async def test_stls_and_what_came_before_it(authority: Authority) -> None:
    """Attack E1, over a real socket: the injected octets never run."""
    stage = Stage(authority, "pop3", tls=Tls.STARTTLS)
    stage.converse = serve
    async with stage.open():
        client = await stage.connect(secure=False)
        await client.line()
        client.say(b"USER alice\r\n")
        assert await client.line() == b"-ERR Not without TLS; say STLS first.\r\n"
        client.say(b"STLS\r\nUSER alice\r\n")
        assert await client.line() == b"+OK Begin TLS now.\r\n"
        await client.starttls(stage.client_context())
        client.say(b"PASS secret\r\nUSER alice\r\nPASS secret\r\n")
        assert await client.line() == b"-ERR USER comes first.\r\n"
        assert await client.lines(2) == [b"+OK And the password?\r\n", b"+OK Logged in.\r\n"]
        await client.close()


async def test_a_certificate_suffices(authority: Authority) -> None:
    stage = Stage(authority, "pop3")
    stage.client_certificate = True
    stage.converse = serve
    async with stage.open():
        client = await stage.connect(files=authority.issue("laptop", client=True))
        await client.line()
        client.say(b"AUTH EXTERNAL =\r\n")
        assert await client.line() == b"+OK Logged in.\r\n"
        await client.close()


async def test_a_falling_session_is_closed(stage: Stage) -> None:
    async with stage.open():
        client = await logged_in(stage)
        stage.leases.only.holder.end(Reason.ENDED_BY_ADMIN, "This session was ended.")
        assert await client.rest() == b""
        assert stage.leases.released[0][1] is Reason.ENDED_BY_ADMIN
        await client.close()


@pytest.mark.e2e
async def test_a_falling_session_within_a_letter_is_cut_within_a_second(stage: Stage) -> None:
    async with stage.open():
        client = await logged_in(stage)
        client.say(b"RETR 2\r\n")
        assert await client.exactly(35) == b"+OK\r\nSubject: half of it\r\nand a bit"
        stage.leases.only.holder.end(Reason.ENDED_BY_ADMIN, "This session was ended.")
        with contextlib.suppress(ConnectionError):
            assert await client.rest() == b""
        await stage.leases.until(lambda: bool(stage.leases.released))
        await client.close()


@pytest.mark.parametrize("how", ["hangs up", "speaks unasked", "garbage"])
async def test_e12_an_upstream_that_lies_ends_in_a_clean_close(stage: Stage, how: str) -> None:
    async def lie(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await welcome(reader, writer)
        await reader.readline()
        writer.write({"hangs up": b"", "speaks unasked": b"+OK\r\n+OK more\r\n", "garbage": b"\0" * 100_000}[how])

    stage.converse = lie
    async with stage.open():
        client = await logged_in(stage)
        client.say(b"NOOP\r\n")
        assert await client.rest() in (b"", b"+OK\r\n")
        await stage.leases.until(lambda: bool(stage.leases.released))
        assert stage.leases.released[0][1] is Reason.UPSTREAM
        await client.close()
