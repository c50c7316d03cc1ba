"""Several backends behind the real gates: who is led where, and a lookup table that changes under way."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from kernel.config.settings import Backend, Endpoint, MailboxSettings, Settings, Site, Tls, Upstream
from proxy.backends import Backends
from tests.proxy.gateways.sockets import Stage
from tests.proxy.gateways.transcript import SUBJECT
from tests.servers.certificates import Authority

Speak = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def imap(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"* OK [CAPABILITY IMAP4rev1 SASL-IR] there\r\n")
    await reader.readline()
    await reader.readline()
    writer.write(b"g2 OK\r\ng3 OK [CAPABILITY IMAP4rev1 X-TOKYO] in\r\n")
    await reader.read()


async def pop3(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"+OK there\r\n")
    assert await reader.readline() == b"CAPA\r\n"
    writer.write(b"+OK\r\nX-TOKYO\r\n.\r\n")
    await reader.readline()
    writer.write(b"+OK in\r\n")
    await reader.readline()
    writer.write(b"+OK from Tokyo\r\n")
    await reader.read()


async def smtp(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 there\r\n")
    for answer in (b"250-hi\r\n250 AUTH XOAUTH2\r\n", b"235 in\r\n", b"250 from Tokyo\r\n"):
        await reader.readline()
        writer.write(answer)
    await reader.read()


async def sieve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b'"IMPLEMENTATION" "there"\r\n"SASL" "XOAUTH2"\r\nOK\r\n')
    await reader.readline()
    writer.write(b'OK "in"\r\n')
    await reader.readline()
    writer.write(b'OK "from Tokyo"\r\n')
    await reader.read()


PLAIN = b"AGFsaWNlAHNlY3JldA=="
TRANSCRIPTS: dict[str, tuple[Speak, bytes, bytes]] = {
    "imap": (imap, b"a LOGIN alice secret\r\n", b"X-TOKYO"),
    "pop3": (pop3, b"AUTH PLAIN %b\r\nSTAT\r\n" % PLAIN, b"from Tokyo"),
    "submission": (smtp, b"EHLO me\r\nAUTH PLAIN %b\r\nRSET\r\n" % PLAIN, b"from Tokyo"),
    "sieve": (sieve, b'AUTHENTICATE "PLAIN" "%b"\r\nLISTSCRIPTS\r\n' % PLAIN, b"from Tokyo"),
}


def settings(*backends: Backend, lookup: Path | None = None) -> Settings:
    site = Site("E", "https://id.example.com", Path("s"))
    return Settings(site, backends=backends, mailboxes=MailboxSettings(lookup))


@pytest.mark.parametrize("service", sorted(TRANSCRIPTS))
async def test_the_gate_leads_to_the_backend_of_the_attribute(authority: Authority, service: str) -> None:
    speak, typed, told = TRANSCRIPTS[service]
    stage = Stage(authority, service)
    async with stage.open():
        server = await asyncio.start_server(speak, "127.0.0.1", 0)
        place = Upstream(Endpoint("127.0.0.1", server.sockets[0].getsockname()[1]), Tls.NONE)
        tokyo = Backend("tokyo", attributes={"site": "tokyo"}, **{service: place})
        backends = Backends(settings(stage.choice[0], tokyo), stage.guard.faults.append)
        tokyos = replace(SUBJECT, user=replace(SUBJECT.user, attributes={"site": "tokyo"}))
        stage.choose = lambda subject, service: backends.choose(tokyos, service)  # type: ignore[method-assign]
        client = await stage.connect()
        await client.line()
        client.say(typed)
        async with asyncio.timeout(5):
            while told not in await client.line():
                pass
        assert (stage.conversations, stage.mint.orders[0].backend) == (0, "tokyo")
        await client.close()
        server.close()


async def test_the_lookup_table_is_read_again_when_it_changes_and_a_bad_one_is_told(tmp_path: Path) -> None:
    table, told, place = tmp_path / "where", list[str](), Upstream(Endpoint("127.0.0.1", 143))
    table.write_text("alice osaka\n")
    both = (Backend("tokyo", imap=place), Backend("osaka", imap=place))
    backends = Backends(settings(*both, lookup=table), told.append)

    async def now(text: str) -> str:
        fresh = tmp_path / "fresh"
        fresh.write_text(text)
        os.replace(fresh, table)
        await backends.look()
        found = backends.choose(SUBJECT, "imap")
        return found[0].name if found else ""

    assert backends.choose(SUBJECT, "imap") == (both[1], place)
    assert await now("# nobody\n") == "tokyo"
    assert await now("alice osaka\n") == "osaka"
    assert await now("alice nara\n") == "osaka"
    assert told == ["where:1:1: there is no backend `nara` - known: tokyo, osaka"]
    table.unlink()
    await backends.look()
    assert backends.choose(SUBJECT, "imap") == (both[1], place)
    assert told[1:] == [f"{table} cannot be read: FileNotFoundError"]
    backends.adopt(settings(*both))
    assert backends.choose(SUBJECT, "imap") == (both[0], place)
