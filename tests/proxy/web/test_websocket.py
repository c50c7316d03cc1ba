"""WebSockets: opened by pages of ours alone, carried as octets, ended with words when their lease falls."""

import asyncio

import pytest

from tests.proxy.web.site import WebSite, browser, request

ASK = ("Connection: keep-alive, Upgrade", "Upgrade: websocket", "Sec-WebSocket-Key: x", "Sec-WebSocket-Version: 13")
AGREE = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: y\r\n\r\n"
)


@pytest.fixture
def echoing(site: WebSite) -> WebSite:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        site.application.heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(AGREE + b"\x81\x02hi")
        while octets := await reader.read(1000):
            writer.write(octets)

    site.application.handle = echo
    return site


async def test_it_opens_and_carries_both_ways(echoing: WebSite) -> None:
    echoing.knows("C", browser())
    here = await echoing.open()
    here.send(request("/ws", "Origin: https://mail.example", *ASK))
    status, fields, _ = await here.response()
    assert (status, fields["upgrade"], fields["connection"], fields["sec-websocket-accept"]) == (
        *(101, "websocket", "Upgrade"),
        "y",
    )
    assert await here.reader.readexactly(4) == b"\x81\x02hi"
    here.send(b"anything at all")
    assert await here.reader.readexactly(15) == b"anything at all"
    head = echoing.application.heads[0].lower()
    assert b"connection: upgrade\r\nupgrade: websocket\r\n" in head
    assert b"x-gatepost-identity: jwt.u_alice.mail" in head
    assert len(echoing.leases) == 2


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "https://mail.example.evil", "http://mail.example"])
async def test_a_foreign_origin_is_refused(echoing: WebSite, origin: str) -> None:
    echoing.knows("C", browser())
    status, _, _ = await echoing.get("/ws", f"Origin: {origin}", *ASK)
    assert status == 403
    assert echoing.application.heads == []


async def test_it_needs_a_session_like_anything_else(echoing: WebSite) -> None:
    status, _, _ = await echoing.get("/ws", "Sec-Fetch-Mode: websocket", *ASK, cookie="")
    assert status == 401


async def test_losing_the_device_ends_it_with_the_rules_words(echoing: WebSite) -> None:
    who = echoing.knows("C", browser())
    here = await echoing.open()
    here.send(request("/ws", *ASK))
    await here.response()
    await here.reader.readexactly(4)
    echoing.lose(who)
    last = await here.closed()
    assert last[0] == 0x88
    assert int.from_bytes(last[2:4], "big") == 1008
    assert last[4:].decode() == "This device was reported lost."
    assert len(echoing.leases) == 0


async def test_in_the_midst_of_a_frame_it_just_ends(echoing: WebSite) -> None:
    who = echoing.knows("C", browser())
    here = await echoing.open()
    here.send(request("/ws", *ASK))
    await here.response()
    await here.reader.readexactly(4)
    here.send(b"\x82\x7e\x10\x00half of it")
    assert await here.reader.readexactly(14) == b"\x82\x7e\x10\x00half of it"
    echoing.lose(who)
    assert await here.closed() == b""


async def test_an_application_that_does_not_agree_answers_as_usual(site: WebSite) -> None:
    site.knows("C", browser())
    here = await site.open()
    here.send(request("/ws", *ASK))
    assert (await here.response())[2] == b"hi"
    here.send(request("/"))
    assert (await here.response())[2] == b"hi"
    assert len(site.leases) == 1


async def test_its_lease_ends_with_its_connection(echoing: WebSite) -> None:
    echoing.knows("C", browser())
    here = await echoing.open()
    here.send(request("/ws", *ASK))
    await here.response()
    await here.reader.readexactly(4)
    here.writer.close()
    for _ in range(1000):
        if len(echoing.leases) == 1:
            break
        await asyncio.sleep(0)
        await echoing.get("/.gatepost/healthz", cookie="")
    assert len(echoing.leases) == 1
