"""Where a BYE may be put in: between two responses, never within a literal, never in a compressed stream."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.gateways.imap.boundary import Boundary

FETCH = b"* 1 FETCH (BODY[] {30}\r\nSubject: {5}\r\n\r\na line\r\nlast  UID 7)\r\na OK done\r\n"


def test_between_responses_and_nowhere_else() -> None:
    boundary = Boundary()
    assert boundary.here
    gaps = []
    for at in range(len(FETCH)):
        boundary.server(FETCH[at : at + 1])
        if boundary.here:
            gaps.append(at + 1)
    assert gaps == [FETCH.index(b"a OK"), len(FETCH)]


@pytest.mark.parametrize(
    "tail", [b"* 1 FETCH (BODY[] {10}\r\n", b"* 1 FETCH (BODY[] {2}\r\n\r\n", b"* 2 EXISTS", b"* X\r"]
)
def test_not_here(tail: bytes) -> None:
    boundary = Boundary()
    boundary.server(b"* OK hello\r\n" + tail)
    assert not boundary.here


def test_compress_blinds() -> None:
    boundary = Boundary()
    boundary.client(b"a3 Compress DEFLATE\r\n")
    boundary.server(b"a3 OK\r\n")
    assert not boundary.here


RESPONSES = st.lists(
    st.one_of(
        st.just(b"* OK hi\r\n"),
        st.binary(max_size=60).map(lambda body: b"* 1 FETCH (X {%d}\r\n%b)\r\n" % (len(body), body)),
        st.binary(max_size=60).map(lambda body: b"* 1 FETCH (X ~{%d}\r\n%b Y {1}\r\n!)\r\n" % (len(body), body)),
    ),
    min_size=1,
    max_size=6,
)


@given(RESPONSES, st.lists(st.integers(1, 40), min_size=1, max_size=40))
def test_pieces_do_not_matter(responses: list[bytes], cuts: list[int]) -> None:
    stream, ends = b"".join(responses), set()
    for response in responses:
        ends.add(max(ends, default=0) + len(response))
    boundary, at = Boundary(), 0
    for cut in cuts:
        piece = stream[at : at + cut]
        if not piece:
            break
        boundary.server(memoryview(piece))
        at += len(piece)
        assert boundary.here == (at in ends)
