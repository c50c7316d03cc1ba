"""Whole IMAP sessions over loopback sockets: client, gate, upstream."""

import asyncio
import contextlib
import gc
import os
import socket
import ssl
from dataclasses import replace

import pytest

from kernel.config.settings import Endpoint, Tls
from kernel.problems import Unavailable
from kernel.reasons import Reason
from proxy.gateways.imap.gate import ImapGate
from proxy.gateways.imap.upstream import ImapLogin
from proxy.lease import Lease
from proxy.relays.channel import Channel
from proxy.relays.driver import Driver
from proxy.relays.pump import Pump
from tests.proxy.gateways.sockets import Client, Stage
from tests.servers.certificates import Authority

BODY = os.urandom(2_000_000)


async def welcome(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Play the server up to the login."""
    writer.write(b"* OK [CAPABILITY IMAP4rev1 SASL-IR] upstream ready\r\n")
    assert (await reader.readline()).startswith(b'g2 ID ("x-originating-ip" "127.0.0.1"')
    assert (await reader.readline()).startswith(b"g3 AUTHENTICATE XOAUTH2 ")
    writer.write(b"* ID NIL\r\ng2 OK\r\ng3 OK [CAPABILITY IMAP4rev1 IDLE] in\r\n")


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer NOOP, IDLE, FETCH and APPEND of a session."""
    await welcome(reader, writer)
    while line := await reader.readline():
        tag, _, rest = line.partition(b" ")
        if rest.startswith(b"FETCH"):
            writer.write(b"* 1 FETCH (BODY[] {%d}\r\n%b)\r\n" % (len(BODY), BODY))
        elif rest.startswith(b"HALF"):
            writer.write(b"* 1 FETCH (BODY[] {1000}\r\nhalf of it")
            continue
        elif rest.startswith(b"APPEND"):
            assert await reader.readexactly(len(BODY) + 2) == BODY + b"\r\n"
        elif rest.startswith(b"IDLE"):
            writer.write(b"+ idling\r\n")
            continue
        elif rest.startswith(b"LOGOUT"):
            writer.write(b"* BYE bye\r\n%b OK bye\r\n" % tag)
            return
        writer.write(b"%b OK done\r\n" % tag)


@pytest.fixture
def stage(authority: Authority) -> Stage:
    stage = Stage(authority, "imap")
    stage.converse = serve
    return stage


async def logged_in(stage: Stage) -> Client:
    client = await stage.connect()
    assert (await client.line()).startswith(b"* OK [CAPABILITY ")
    client.say(b"a LOGIN alice secret\r\n")
    assert await client.line() == b"a OK [CAPABILITY IMAP4rev1 IDLE] Logged in.\r\n"
    return client


@pytest.mark.parametrize("upstream", [Tls.NONE, Tls.IMPLICIT])
async def test_a_session_is_held_relayed_and_released(stage: Stage, upstream: Tls) -> None:
    stage.upstream_tls = upstream
    async with stage.open():
        client = await logged_in(stage)
        lease = stage.leases.only
        assert (lease.service, lease.address, lease.session) == ("imap", "127.0.0.1", "s_abc")
        assert stage.mint.orders[0].session == "s_abc"
        client.say(b"b NOOP\r\nc NOOP\r\n")
        assert await client.lines(2) == [b"b OK done\r\n", b"c OK done\r\n"]
        client.say(b"d LOGOUT\r\n")
        assert await client.rest() == b"* BYE bye\r\nd OK bye\r\n"
        await stage.leases.until(lambda: bool(stage.leases.released))
        (_, reason, inwards, outwards) = stage.leases.released[0]
        assert reason is None
        assert inwards == len(b"a LOGIN alice secret\r\nb NOOP\r\nc NOOP\r\nd LOGOUT\r\n")
        assert outwards > inwards
        await client.close()


async def test_a_session_leaves_nothing_to_the_collector(stage: Stage) -> None:
    """Else memory grows by thousands of dead sessions before it is looked at, and no cache holds that much."""
    kinds = (Driver, Channel, Pump, ImapGate, ImapLogin, Lease)
    gc.collect()
    gc.disable()
    try:
        async with stage.open():
            client = await logged_in(stage)
            client.say(b"d LOGOUT\r\n")
            await client.rest()
            await stage.leases.until(lambda: bool(stage.leases.released))
            await client.close()
            assert [each for each in gc.get_objects() if isinstance(each, kinds)] == []
    finally:
        gc.enable()


async def test_bulk_both_ways_is_the_same_octets(stage: Stage) -> None:
    async with stage.open():
        client = await logged_in(stage)
        client.say(b"b FETCH 1 BODY[]\r\n")
        head = await client.line()
        assert head == b"* 1 FETCH (BODY[] {%d}\r\n" % len(BODY)
        assert await client.exactly(len(BODY)) == BODY
        assert await client.lines(2) == [b")\r\n", b"b OK done\r\n"]
        client.say(b"c APPEND x {%d+}\r\n%b\r\n" % (len(BODY), BODY))
        assert await client.line() == b"c OK done\r\n"
        await client.close()


async def test_pipelined_commands_pass_in_order(stage: Stage) -> None:
    async with stage.open():
        client = await stage.connect()
        client.say(b"a LOGIN alice secret\r\nb NOOP\r\nc LOGOUT\r\n")
        assert (await client.rest()).split(b"\r\n")[1:] == [
            b"a OK [CAPABILITY IMAP4rev1 IDLE] Logged in.",
            b"b OK done",
            b"* BYE bye",
            b"c OK bye",
            b"",
        ]
        await client.close()


async def test_a_late_verdict_and_a_client_that_left(stage: Stage) -> None:
    stage.guard.late = True
    async with stage.open():
        client = await stage.connect()
        await client.line()
        client.say(b"a LOGIN alice secret\r\n")
        while not stage.guard.waiting:
            await asyncio.sleep(0)
        stage.guard.waiting.pop()()
        assert (await client.line()).startswith(b"a OK ")
        await client.close()
        await stage.leases.until(lambda: bool(stage.leases.released))
        gone = await stage.connect()
        await gone.line()
        gone.say(b"a LOGIN alice secret\r\n")
        while not stage.guard.waiting:
            await asyncio.sleep(0)
        await gone.close()
        async with asyncio.timeout(5):
            while stage.listening.live:
                await asyncio.sleep(0)
        stage.guard.waiting.pop()()
        assert stage.leases.held == {}


async def test_wrong_password_then_right_one(stage: Stage) -> None:
    async with stage.open():
        client = await stage.connect()
        await client.line()
        client.say(b"a LOGIN alice wrong\r\n")
        assert await client.line() == b"a NO [AUTHENTICATIONFAILED] User name or password is wrong.\r\n"
        assert stage.conversations == 0
        client.say(b"b LOGIN alice secret\r\n")
        assert (await client.line()).startswith(b"b OK ")
        await client.close()


async def test_starttls_and_what_came_before_it(authority: Authority) -> None:
    """Attack E1, over a real socket: the injected octets make the handshake fail, and never run."""
    stage = Stage(authority, "imap", tls=Tls.STARTTLS)
    stage.converse = serve
    async with stage.open():
        client = await stage.connect(secure=False)
        assert b"LOGINDISABLED" in await client.line()
        client.say(b"a STARTTLS\r\n")
        assert await client.line() == b"a OK Begin TLS now.\r\n"
        await client.starttls(stage.client_context())
        client.say(b"b LOGIN alice secret\r\n")
        assert (await client.line()).startswith(b"b OK ")
        await client.close()
        injected = await stage.connect(secure=False)
        await injected.line()
        injected.say(b"a STARTTLS\r\nx LOGIN alice secret\r\n")
        assert await injected.line() == b"a OK Begin TLS now.\r\n"
        await injected.starttls(stage.client_context())
        injected.say(b"b NOOP\r\n")
        assert await injected.line() == b"b OK Done.\r\n"
        assert len(stage.guard.attempts) == 1
        await injected.close()


async def test_a_certificate_goes_along_and_suffices(authority: Authority) -> None:
    stage = Stage(authority, "imap")
    stage.client_certificate = True
    stage.converse = serve
    files = authority.issue("laptop", client=True)
    async with stage.open():
        client = await stage.connect(files=files)
        assert b"AUTH=EXTERNAL" in await client.line()
        client.say(b"a AUTHENTICATE EXTERNAL =\r\n")
        assert (await client.line()).startswith(b"a OK ")
        assert stage.guard.attempts[0].certificate == ssl.PEM_cert_to_DER_cert(files[0].read_text())
        await client.close()
        bare = await stage.connect()
        assert b"AUTH=EXTERNAL" not in await bare.line()
        await bare.close()


async def test_a_falling_session_in_idle_hears_bye_at_once(stage: Stage) -> None:
    """Attack E15."""
    async with stage.open():
        client = await logged_in(stage)
        client.say(b"b IDLE\r\n")
        assert await client.line() == b"+ idling\r\n"
        stage.leases.only.holder.end(Reason.ENDED_BY_ADMIN, "This session was ended.")
        assert await client.rest() == b"* BYE This session was ended.\r\n"
        assert len(stage.leases.released) == 1
        await client.close()


async def test_a_falling_session_within_a_literal_is_cut_without_words(stage: Stage) -> None:
    async with stage.open():
        client = await logged_in(stage)
        client.say(b"b HALF\r\n")
        assert await client.line() == b"* 1 FETCH (BODY[] {1000}\r\n"
        assert await client.exactly(10) == b"half of it"
        stage.leases.only.holder.end(Reason.ENDED_BY_ADMIN, "This session was ended.")
        with contextlib.suppress(ConnectionError):
            assert await client.rest() == b""
        await stage.leases.until(lambda: bool(stage.leases.released))
        await client.close()


@pytest.mark.parametrize("how", ["refused", "hangs up", "no token", "wrong certificate"])
async def test_upstream_trouble_is_said_at_once(stage: Stage, how: str) -> None:
    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK hi\r\n")

    if how == "hangs up":
        stage.converse = hang_up
    if how == "no token":
        stage.mint.login = Unavailable("no")
    if how == "wrong certificate":
        stage.upstream_tls = Tls.IMPLICIT
    async with stage.open():
        if how == "refused":
            closed = socket.create_server(("127.0.0.1", 0))
            port = closed.getsockname()[1]
            closed.close()
            _redirect(stage, port)
        if how == "wrong certificate":
            _redirect(stage, None)
        client = await stage.connect()
        await client.line()
        client.say(b"a LOGIN alice secret\r\n")
        assert (await client.rest()).startswith(b"a NO [UNAVAILABLE] ")
        assert stage.leases.held == {}
        await client.close()


def _redirect(stage: Stage, port: int | None) -> None:
    """Let the one backend be elsewhere, or be called something that its certificate does not say."""
    backend, upstream = stage.choice
    if port is None:
        stage.choice = (backend, replace(upstream, server_name="other.example"))
    else:
        stage.choice = (backend, replace(upstream, address=Endpoint("127.0.0.1", port)))


async def test_too_slow_before_the_login(authority: Authority) -> None:
    stage = Stage(authority, "imap", preauth_seconds=0.3)
    async with stage.open():
        client = await stage.connect()
        assert (await client.rest()).endswith(b"* BYE Too slow.\r\n")
        await client.close()


async def test_a_handshake_that_never_comes_is_cut(authority: Authority) -> None:
    """Attack E14."""
    stage = Stage(authority, "imap", handshake_seconds=0.3)
    async with stage.open():
        client = await stage.connect(secure=False)
        client.say(b"\x16\x03\x01")
        assert await client.rest() == b""
        await client.close()


async def test_sessions_per_address_are_bounded(authority: Authority) -> None:
    stage = Stage(authority, "imap", sessions_per_address=2)
    async with stage.open():
        first, second = await stage.connect(), await stage.connect()
        await first.line()
        await second.line()
        with pytest.raises((ConnectionError, ssl.SSLError)):
            await stage.connect()
        await first.close()
        async with asyncio.timeout(5):
            while stage.listening.live > 1:
                await asyncio.sleep(0)
        third = await stage.connect()
        assert (await third.line()).startswith(b"* OK")
        await second.close()
        await third.close()


async def test_alpn_of_a_browser_is_turned_away(stage: Stage) -> None:
    """Attack E16."""
    context = stage.client_context()
    context.set_alpn_protocols(["h2", "http/1.1"])
    async with stage.open():
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", stage.listening.port, ssl=context, server_hostname="localhost"
        )
        assert await reader.read() == b""
        writer.close()
