"""A command that comes whole is read as one that comes in pieces."""

from hypothesis import given
from hypothesis import strategies as st

from proxy.gateways.imap.grammar import Command, Reader

LINE = 64
PIECES = st.lists(
    st.sampled_from(
        [b"a1", b"LOGIN", b"login", b" ", b" ", b'"', b"alice", b"\\", b'\\"', b"{3}", b"{3+}", b"(", b"\xc3\xa9"]
        + [b"\r", b"\n", b"\0", b"%", b"*", b"x" * 40]
    ),
    max_size=9,
)


def pieced(data: bytes) -> list[object]:
    """Return what a reader makes of ``data`` that comes octet by octet."""
    reader, read = Reader(LINE, 16), []
    for at in range(len(data)):
        reader.feed(data[at : at + 1])
        while (command := reader.next()) is not None:
            read.append(command)
    return read


def test_the_usual_login_is_read_at_one_look() -> None:
    for line in (b'a1 LOGIN "al ice" "p\xc3\xa9"\r\n', b"a1 login alice abcd\r\n", b'a1 Login alice ""\r\n'):
        reader = Reader(LINE, 16)
        command = reader.alone(memoryview(line))
        assert command is not None
        assert command.verb == "LOGIN"
        assert [command] == pieced(line)


def test_what_waits_comes_first() -> None:
    reader = Reader(LINE, 16)
    reader.feed(b"a1 NOOP\r\n")
    assert reader.alone(b"a2 LOGIN alice abcd\r\n") is None
    assert reader.next() == Command(b"a1", "NOOP")
    reader.feed(b"a3 LOGIN {5}\r\n")
    reader.next()
    assert reader.alone(b"alice abcd\r\n") is None


@given(PIECES.map(b"".join), st.booleans())
def test_one_look_sees_what_many_see(text: bytes, whole: bool) -> None:
    line = text + b"\r\n" if whole else b"a1 LOGIN " + text + b"\r\n"
    command = Reader(LINE, 16).alone(line)
    assert command is None or [command] == pieced(line)
