"""Heads and bodies, purely: every cut, every oddity, and whatever hypothesis thinks of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.config.settings import Bounds
from proxy.web.framing import Chunked, Counted
from proxy.web.head import Bad, end_of_head, read_block, read_request_line, read_status_line

BOUNDS = Bounds()
HEAD = b"GET /a?b HTTP/1.1\r\nHost: x\r\nCookie: a=b\r\n\r\n"


def test_a_head_is_whole_at_its_empty_line_and_not_before() -> None:
    for cut in range(len(HEAD)):
        assert end_of_head(HEAD[:cut], BOUNDS) == 0
    assert end_of_head(HEAD, BOUNDS) == len(HEAD)
    assert end_of_head(HEAD + b"GET /next", BOUNDS) == len(HEAD)


def test_bounds_are_told_as_soon_as_they_are_passed() -> None:
    with pytest.raises(Bad, match="414"):
        end_of_head(b"G" * (BOUNDS.line + 1), BOUNDS)
    with pytest.raises(Bad, match="431"):
        end_of_head(b"GET / HTTP/1.1\r\n" + b"a" * BOUNDS.head, BOUNDS)


@pytest.mark.parametrize(
    "line", [b"GET  / HTTP/1.1", b"GET /\tHTTP/1.1", b" GET / HTTP/1.1", b"GET / http/1.1", b"GET /"]
)
def test_malformed_request_lines(line: bytes) -> None:
    with pytest.raises(Bad, match="400"):
        read_request_line(line)


def test_lines_mean_what_they_say() -> None:
    line = read_request_line(b"PATCH /x?y HTTP/1.0")
    assert (line.method, line.target, line.minor) == (b"PATCH", b"/x?y", 0)
    status = read_status_line(b"HTTP/1.1 404 Not Found")
    assert (status.status, status.reason, status.minor) == (404, b"Not Found", 1)
    assert read_status_line(b"HTTP/1.1 200").reason == b""


def test_a_block_is_read_with_lower_case_names_and_trimmed_values() -> None:
    block = read_block(b"HOST:  x \r\nConnection: a, B\r\nconnection: c\r\nContent-Length: 12\r\n", BOUNDS)
    assert block.fields[0] == (b"host", b"x")
    assert block.connection == {b"a", b"b", b"c"}
    assert (block.length, block.chunked) == (12, False)


@given(st.binary(max_size=200))
def test_no_block_of_octets_breaks_the_reader_or_smuggles_a_line_end(raw: bytes) -> None:
    try:
        block = read_block(raw, BOUNDS)
    except Bad as bad:
        assert bad.status in (400, 417, 431, 501)
        return
    for name, value in block.fields:
        assert not set(b"\r\n\x00:") & set(name)
        assert not set(b"\r\n\x00") & set(value)


@given(st.binary(max_size=300), st.integers(1, 7))
def test_whatever_the_chunks_the_reader_neither_breaks_nor_depends_on_the_cuts(raw: bytes, step: int) -> None:
    assert _decoded(raw, len(raw) or 1) == _decoded(raw, step)


@given(st.lists(st.binary(min_size=1, max_size=50), max_size=8), st.integers(1, 9))
def test_chunked_bodies_come_out_as_they_went_in(parts: list[bytes], step: int) -> None:
    raw = b"".join(b"%X;ext=1\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\nTrailer: x\r\n\r\n"
    octets, left, fault = _decoded(raw + b"NEXT", step)
    assert (octets, left, fault) == (b"".join(parts), b"NEXT", 0)


@given(st.lists(st.binary(min_size=1, max_size=50), max_size=8), st.integers(1, 9))
def test_what_is_framed_afresh_reads_the_same(parts: list[bytes], step: int) -> None:
    raw = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
    body, out = Chunked(), b""
    for at in range(0, len(raw), step):
        out += bytes(body.take(memoryview(raw[at : at + step]))[1])
    assert body.done
    assert _decoded(out, len(out)) == (b"".join(parts), b"", 0)


@given(st.binary(max_size=60), st.integers(0, 60), st.integers(1, 9))
def test_a_counted_body_takes_exactly_its_octets(raw: bytes, length: int, step: int) -> None:
    body, out, used = Counted(length), b"", 0
    for at in range(0, len(raw), step):
        if body.done:
            break
        taken, piece = body.take(memoryview(raw[at : at + step]))
        out += bytes(piece)
        used += taken
    assert out == raw[:length]
    assert used == min(length, len(raw))
    assert body.done == (len(raw) >= length)


def _decoded(raw: bytes, step: int) -> tuple[bytes, bytes, int]:
    """Feed ``step`` octets at a time; return the bare body, what follows it, and the status of the fault."""
    body, out, used = Chunked(plain=True), b"", 0
    try:
        for at in range(0, len(raw), step):
            if body.done:
                break
            taken, piece = body.take(memoryview(raw[at : at + step]))
            out += bytes(piece)
            used += taken
    except Bad as bad:
        return b"", b"", bad.status
    return out, raw[used:], 0
