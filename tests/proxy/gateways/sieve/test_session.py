"""Whole ManageSieve sessions over loopback sockets: client, gate, upstream."""

import asyncio
import os

import pytest

from kernel.config.settings import Tls
from kernel.reasons import Reason
from tests.proxy.gateways.sockets import Client, Stage
from tests.servers.certificates import Authority

SCRIPT = os.urandom(500_000)


async def welcome(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Play the server up to the login."""
    writer.write(b'"SIEVE" "fileinto"\r\n"XCLIENT"\r\nOK "upstream"\r\n')
    assert (await reader.readline()).startswith(b"XCLIENT ADDR=127.0.0.1 ")
    assert (await reader.readline()).startswith(b'AUTHENTICATE "XOAUTH2" ')
    writer.write(b"OK\r\nOK\r\n")


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer NOOP, PUTSCRIPT, GETSCRIPT and LOGOUT of a session."""
    await welcome(reader, writer)
    while line := await reader.readline():
        if line.startswith(b"PUTSCRIPT"):
            assert await reader.readexactly(len(SCRIPT) + 2) == SCRIPT + b"\r\n"
        elif line.startswith(b"GETSCRIPT"):
            writer.write(b"{%d}\r\n%b\r\n" % (len(SCRIPT), SCRIPT))
        writer.write(b'OK "done"\r\n')
        if line.startswith(b"LOGOUT"):
            return


async def offered(client: Client) -> dict[bytes, bytes]:
    """Read a greeting: capability and value."""
    found = {}
    while not (line := await client.line()).startswith(b"OK "):
        word, _, value = line.strip().partition(b" ")
        found[word.strip(b'"')] = value.strip(b'"')
    return found


async def authenticate(client: Client) -> None:
    client.say(b'AUTHENTICATE "PLAIN" "AGFsaWNlAHNlY3JldA=="\r\n')
    assert await client.line() == b'OK "Logged in."\r\n'


async def logged_in(stage: Stage) -> Client:
    client = await stage.connect()
    assert b"PLAIN" in (await offered(client))[b"SASL"]
    await authenticate(client)
    return client


@pytest.fixture
def stage(authority: Authority) -> Stage:
    stage = Stage(authority, "sieve")
    stage.converse = serve
    return stage


async def test_a_session_is_held_relayed_and_released(stage: Stage) -> None:
    async with stage.open():
        client = await logged_in(stage)
        assert (stage.leases.only.service, stage.mint.orders[0].service) == ("sieve", "sieve")
        client.say(b"NOOP\r\nLOGOUT\r\n")
        assert await client.rest() == b'OK "done"\r\nOK "done"\r\n'
        await stage.leases.until(lambda: bool(stage.leases.released))
        assert stage.leases.released[0][1] is None
        await client.close()


async def test_scripts_both_ways_are_the_same_octets(stage: Stage) -> None:
    async with stage.open():
        client = await logged_in(stage)
        client.say(b'PUTSCRIPT "x" {%d+}\r\n%b\r\n' % (len(SCRIPT), SCRIPT))
        assert await client.line() == b'OK "done"\r\n'
        client.say(b'GETSCRIPT "x"\r\n')
        assert await client.line() == b"{%d}\r\n" % len(SCRIPT)
        assert await client.exactly(len(SCRIPT)) == SCRIPT
        assert await client.lines(2) == [b"\r\n", b'OK "done"\r\n']
        await client.close()


async def test_starttls_and_what_came_before_it(authority: Authority) -> None:
    """Attack E1, over a real socket: the injected octets never run."""
    stage = Stage(authority, "sieve", tls=Tls.STARTTLS)
    stage.converse = serve
    async with stage.open():
        client = await stage.connect(secure=False)
        assert {b"SASL": b"", b"STARTTLS": b""}.items() <= (await offered(client)).items()
        client.say(b'STARTTLS\r\nAUTHENTICATE "PLAIN" "AGFsaWNlAHNlY3JldA=="\r\n')
        assert await client.line() == b'OK "Begin TLS now."\r\n'
        await client.starttls(stage.client_context())
        assert b"PLAIN" in (await offered(client))[b"SASL"]
        assert stage.guard.attempts == []
        await authenticate(client)
        await client.close()


async def test_a_certificate_suffices(authority: Authority) -> None:
    stage = Stage(authority, "sieve")
    stage.client_certificate = True
    stage.converse = serve
    async with stage.open():
        client = await stage.connect(files=authority.issue("laptop", client=True))
        assert (await offered(client))[b"SASL"].endswith(b" EXTERNAL")
        client.say(b'AUTHENTICATE "EXTERNAL" ""\r\n')
        assert await client.line() == b'OK "Logged in."\r\n'
        await client.close()


async def test_a_falling_session_hears_bye_at_once(stage: Stage) -> None:
    async with stage.open():
        client = await logged_in(stage)
        stage.leases.only.holder.end(Reason.ENDED_BY_ADMIN, "このセッションは終了されました。")
        assert await client.rest() == 'BYE "このセッションは終了されました。"\r\n'.encode()
        assert stage.leases.released[0][1] is Reason.ENDED_BY_ADMIN
        await client.close()


@pytest.mark.parametrize("how", ["BYE in the middle", "speaks unasked", "garbage"])
async def test_e12_an_upstream_that_lies_ends_in_a_clean_close(stage: Stage, how: str) -> None:
    said = {"BYE in the middle": b'"x"\r\nBYE "no"\r\n', "speaks unasked": b"OK\r\nOK\r\n", "garbage": b"\0" * 100_000}

    async def lie(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await welcome(reader, writer)
        await reader.readline()
        writer.write(said[how])

    stage.converse = lie
    async with stage.open():
        client = await logged_in(stage)
        client.say(b"LISTSCRIPTS\r\n")
        assert (await client.rest()).splitlines()[-1].startswith(b"BYE ")
        await stage.leases.until(lambda: bool(stage.leases.released))
        assert stage.leases.released[0][1] is Reason.UPSTREAM
        await client.close()
