"""Octets through the door: bodies, streams, broken framing, slow and dead peers, and what a flood costs."""

import asyncio
import random
import resource

import pytest

from kernel.config.settings import Bounds, Route
from tests.proxy.web.site import WebSite, body_of, browser, request


async def test_a_counted_body_arrives_whole(site: WebSite) -> None:
    site.knows("C", browser())
    body = bytes(range(256)) * 8192
    here = await site.open()
    here.send(request("/up", f"Content-Length: {len(body)}", method="POST", body=body))
    assert (await here.response())[0] == 200
    assert site.application.bodies == [body]
    here.send(request("/after"))
    assert (await here.response())[0] == 200


async def test_a_chunked_body_is_framed_afresh_without_extensions_and_trailers(site: WebSite) -> None:
    site.knows("C", browser())
    body = b"3;name=evil\r\nabc\r\n10\r\n0123456789abcdef\r\n0\r\nX-Gatepost-Identity: forged\r\n\r\n"
    here = await site.open()
    here.send(request("/up", "Transfer-Encoding: chunked", method="POST") + body)
    assert (await here.response())[0] == 200
    assert site.application.bodies == [b"3\r\nabc\r\n10\r\n0123456789abcdef\r\n0\r\n\r\n"]


async def test_a_body_one_octet_at_a_time(site: WebSite) -> None:
    site.knows("C", browser())
    here = await site.open()
    for octet in request("/up", "Transfer-Encoding: chunked", method="POST") + b"2\r\nhi\r\n0\r\n\r\n":
        here.send(bytes((octet,)))
        await here.writer.drain()
        await asyncio.sleep(0)
    assert (await here.response())[0] == 200
    assert site.application.bodies[0].endswith(b"0\r\n\r\n")


async def test_a_chunked_answer_streams_through(site: WebSite) -> None:
    site.knows("C", browser())
    site.application.answer = (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4;x=y\r\nwiki\r\n5\r\npedia\r\n0\r\nTrailer: t\r\n\r\n"
    )
    here = await site.open()
    for _ in range(2):
        here.send(request())
        _, fields, body = await here.response()
        assert (fields["transfer-encoding"], body) == ("chunked", b"wikipedia")
    assert site.application.connections == 1


async def test_a_client_of_http_1_0_gets_bare_octets_and_a_close(site: WebSite) -> None:
    site.knows("C", browser())
    site.application.answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nwiki\r\n0\r\n\r\n"
    here = await site.open()
    here.send(request().replace(b"HTTP/1.1", b"HTTP/1.0"))
    _, fields, body = await here.response()
    assert "transfer-encoding" not in fields
    assert (body, fields["connection"]) == (b"wiki", "close")


async def test_an_answer_without_a_length_ends_with_its_connection(site: WebSite) -> None:
    site.knows("C", browser())

    async def until_close(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.0 200 OK\r\n\r\nall of it")

    site.application.handle = until_close
    _, fields, body = await site.get()
    assert (body, fields["connection"]) == (b"all of it", "close")


async def test_a_head_request_has_no_body_and_the_connection_lives_on(site: WebSite) -> None:
    site.knows("C", browser())
    site.application.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
    here = await site.open()
    for _ in range(2):
        here.send(request(method="HEAD"))
        status, fields, _ = await here.response(head=True)
        assert (status, fields["content-length"]) == (200, "1000")


async def test_100_continue_is_passed_on(site: WebSite) -> None:
    site.knows("C", browser())

    async def careful(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        assert b"Expect: 100-continue" in head
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = await body_of(head, reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))

    site.application.handle = careful
    here = await site.open()
    here.send(request("/up", "Content-Length: 5", "Expect: 100-continue", method="PUT"))
    assert (await here.response())[0] == 100
    here.send(b"hello")
    assert (await here.response())[2] == b"hello"


async def test_a_refused_upload_is_answered_before_its_body_and_closed(site: WebSite) -> None:
    here = await site.open()
    here.send(request("/up", "Content-Length: 1000000", "Sec-Fetch-Mode: cors", method="POST", cookie=""))
    status, fields, _ = await here.response()
    assert (status, fields["connection"]) == (401, "close")
    assert site.application.heads == []


SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: mail.example\r\n\r\n"
FRAMINGS = [
    ("Content-Length: 4", "Transfer-Encoding: chunked"),
    ("Transfer-Encoding: chunked", "Content-Length: 4"),
    ("Content-Length: 4", "Content-Length: 5"),
    ("Content-Length: 4", "Content-Length: 4"),
    ("Content-Length: 4, 4",),
    ("Content-Length: +4",),
    ("Content-Length: -1",),
    ("Content-Length: 1_0",),
    ("Content-Length: 0x10",),
    ("Content-Length: 99999999999999999999",),
    ("Content-Length: ",),
    ("Transfer-Encoding: xchunked",),
    ("Transfer-Encoding: chunked, identity",),
    ("Transfer-Encoding: gzip, chunked",),
    ("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"),
    ("Transfer-Encoding : chunked",),
    ("Transfer-Encoding\t: chunked",),
    ("Transfer-Encoding:\x0bchunked",),
    ("Transfer-Encoding:\r\n chunked",),
    ("X: y\r\n folded",),
    ("X: a\x00b",),
    ("X: a\rb",),
    ("X: a\nTransfer-Encoding: chunked",),
    (": empty",),
    ("no colon",),
]


@pytest.mark.parametrize("fields", FRAMINGS)
async def test_what_two_readers_could_frame_in_two_ways_is_refused_and_closed(
    site: WebSite, fields: tuple[str, ...]
) -> None:
    site.knows("C", browser())
    here = await site.open()
    here.send(request("/first", *fields, method="POST") + b"0\r\n\r\n" + SMUGGLED.encode())
    status, answer, _ = await here.response()
    assert status in (400, 501)
    assert answer["connection"] == "close"
    assert await here.closed() == b""
    assert site.application.heads == []


async def test_a_length_with_an_underscore_name_is_dropped(site: WebSite) -> None:
    site.knows("C", browser())
    await site.get("/", "Content_Length: 5", "Transfer_Encoding: chunked")
    assert b"ent_length" not in site.application.heads[0].lower()
    assert b"fer_encoding" not in site.application.heads[0].lower()


@pytest.mark.parametrize(
    "chunks",
    [b"3\nabc\r\n0\r\n\r\n", b"3;\n\r\nabc\r\n", b"fffffffffffffffff\r\n", b"+3\r\nabc\r\n", b"0x3\r\nabc\r\n"],
)
async def test_a_malformed_chunk_ends_the_connection(site: WebSite, chunks: bytes) -> None:
    site.knows("C", browser())
    here = await site.open()
    here.send(request("/up", "Transfer-Encoding: chunked", method="POST") + chunks + SMUGGLED.encode())
    assert (await here.response())[0] == 400
    assert await here.closed() == b""
    assert not any(b"smuggled" in head for head in site.application.heads)


async def test_a_chunk_longer_than_it_said_ends_the_connection(site: WebSite) -> None:
    site.knows("C", browser())
    here = await site.open()
    here.send(request("/up", "Transfer-Encoding: chunked", method="POST") + b"3\r\nabcd\r\n0\r\n\r\n")
    assert (await here.response())[0] == 400


@pytest.mark.parametrize(
    "path", ["/a/../b", "/%2e%2e/b", "/.%2E/b", "/a/..;x/b", "/a%2fb", "/a%5cb", "/a\\b", "/%", "/%00"]
)
async def test_paths_without_a_single_reading_are_refused(site: WebSite, path: str) -> None:
    site.knows("C", browser())
    assert (await site.get(path))[0] == 400
    assert site.application.heads == []


@pytest.mark.parametrize("target", ["http://mail.example/", "//evil", "*", "mail.example:443", "/a#b"])
async def test_other_forms_of_the_target(site: WebSite, target: str) -> None:
    site.knows("C", browser())
    status, _, _ = await site.get(target)
    assert status in (200, 400)
    if status == 200:
        assert site.application.heads[0].startswith(b"GET /evil HTTP/1.1\r\n")


@pytest.mark.parametrize(
    ("octets", "status"),
    [
        (b"GET /" + b"a" * 1_000_000 + b" HTTP/1.1\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\n" + b"X: " + b"a" * 8_000_000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 100_000 + b"\r\n", 431),
        (b"GET / HTTP/1.1\r\nHost: mail.example\r\n" + b"X: y\r\n" * 300 + b"\r\n", 431),
        (b"GET / HTTP/2.0\r\n\r\n", 505),
        (b"GET / HTTP/1.1\nHost: mail.example\n\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00", None),
        (b"EHLO me\r\nMAIL FROM:<a@b>\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
    ],
)
async def test_oversize_and_foreign_heads_are_answered_at_once(
    site: WebSite, octets: bytes, status: int | None
) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    here = await site.open()
    here.send(octets)
    if status is None:
        here.writer.write_eof()
        assert b"200" not in await here.closed()
    else:
        assert (await here.response())[0] == status
        await here.closed()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 32 * 1024


async def test_a_head_that_never_ends_is_told_so(site: WebSite) -> None:
    here = await site.open()
    here.send(b"GET / HTTP/1.1\r\nHost: mail.ex")
    await site.get("/.gatepost/healthz", cookie="")
    for slot in tuple(site.reactor.deadlines._slots.values()):
        for deadline in tuple(slot):
            deadline.due = 0.0
    site.reactor.deadlines._slots = {0: {d: None for slot in site.reactor.deadlines._slots.values() for d in slot}}
    site.reactor.deadlines.turn()
    assert (await here.response())[0] == 408


async def test_nobody_at_the_other_end_is_a_502_in_the_readers_language(closed_site: WebSite) -> None:
    site = closed_site
    site.route = Route("mail", "mail.example", ("http://127.0.0.1:1",))
    await site.start()
    site.knows("C", browser(language="ja"))
    status, _, body = await site.get()
    assert status == 502
    assert "アプリケーションが応答しません" in body.decode()


async def test_an_application_that_breaks_off_is_not_taken_for_complete(site: WebSite) -> None:
    site.knows("C", browser())

    async def breaks_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this")

    site.application.handle = breaks_off
    here = await site.open()
    here.send(request())
    with pytest.raises(asyncio.IncompleteReadError):
        await here.response()


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nhi",
        b"HTTP/1.1 200 OK\r\nX: a\rSet-Cookie: b\r\nContent-Length: 2\r\n\r\nhi",
        b"HTTP/1.1 200 OK\r\nX: a\nb\r\nContent-Length: 2\r\n\r\nhi",
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
    ],
)
async def test_a_malformed_answer_is_a_502_and_nothing_of_it_passes(site: WebSite, answer: bytes) -> None:
    site.knows("C", browser())
    site.application.answer = answer
    status, fields, _ = await site.get()
    assert status == 502
    assert "set-cookie" not in fields


async def test_a_connection_that_died_in_its_sleep_is_replaced_unseen(site: WebSite) -> None:
    site.knows("C", browser())

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        site.application.heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(site.application.answer)
        await reader.readuntil(b"\r\n\r\n")

    site.application.handle = once
    here = await site.open()
    for _ in range(3):
        here.send(request())
        assert (await here.response())[0] == 200
    assert len(site.application.heads) == 3


async def test_octets_after_an_answer_are_nobodys_answer(site: WebSite) -> None:
    site.knows("C", browser())
    site.application.answer += b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison"
    for _ in range(3):
        assert (await site.get())[2] == b"hi"
    assert site.application.connections == 3


async def test_a_big_answer_flows_at_the_readers_pace(site: WebSite) -> None:
    site.knows("C", browser())
    size = 24 * 1024 * 1024

    async def big(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
        for _ in range(size // 65536):
            writer.write(bytes(65536))
            await writer.drain()

    site.application.handle = big
    here = await site.open()
    here.send(request())
    assert len((await here.response())[2]) == size


async def test_of_two_servers_the_one_that_answers_is_asked(closed_site: WebSite) -> None:
    site = closed_site
    await site.application.start()
    site.route = Route("mail", "mail.example", ("http://127.0.0.1:1", f"http://127.0.0.1:{site.application.port}"))
    await site.start()
    site.knows("C", browser())
    first = [(await site.get("/", "Connection: close"))[0] for _ in range(4)]
    assert first.count(200) >= 3


async def test_sessions_past_the_bound_wait_outside(closed_site: WebSite) -> None:
    site = closed_site
    site.bounds = Bounds(sessions_per_address=2)
    await site.start()
    site.knows("C", browser())
    one, two = await site.open(), await site.open()
    for here in (one, two):
        here.send(request())
        assert (await here.response())[0] == 200
    three = await site.open()
    assert await three.closed() == b""


async def test_a_client_that_said_its_last_word_still_gets_its_answer(site: WebSite) -> None:
    site.knows("C", browser())
    here = await site.open()
    here.send(request())
    here.writer.write_eof()
    assert (await here.response())[2] == b"hi"
    assert await here.closed() == b""


async def test_an_upload_that_breaks_off_reaches_nobody_as_whole(site: WebSite) -> None:
    site.knows("C", browser())
    here = await site.open()
    here.send(request("/up", "Content-Length: 10", method="POST") + b"half")
    here.writer.write_eof()
    assert await here.closed() == b""
    assert site.application.bodies == []


async def test_nothing_that_a_stranger_sends_is_a_fault_of_ours(site: WebSite) -> None:
    site.knows("C", browser())
    draw = random.Random(7)
    whole = request("/up?x=1", "Transfer-Encoding: chunked", "Expect: 100-continue", method="POST") + (
        b"5\r\nhello\r\n0\r\n\r\n"
    )
    for _ in range(300):
        octets = bytearray(whole)
        for _ in range(draw.randint(1, 6)):
            place = draw.randrange(len(octets))
            octets[place : place + draw.randint(0, 3)] = draw.randbytes(draw.randint(0, 3))
        here = await site.open()
        here.send(bytes(octets))
        here.writer.write_eof()
        await here.closed()
    assert await site.recorder.drain(5.0)
    assert [event for event in site.authority.events if event.kind == "fault"] == []
