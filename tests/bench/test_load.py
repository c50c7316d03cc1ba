"""The load against the small mailbox that stands behind every proxy: what is said, and what is counted."""

import socket
import threading

import pytest

from bench.ending_rows import percentile
from bench.imap_load import Broken, last_line
from bench.mailbox import Visitor
from bench.web_rows import answered


def talk(*said: bytes) -> bytes:
    """Return everything that the mailbox answers to these octets, sent one piece after the other."""
    near, far = socket.socketpair()
    with near, far:
        far.setblocking(False)
        heard = bytearray()
        reader = threading.Thread(target=lambda: heard.extend(b"".join(iter(lambda: near.recv(65536), b""))))
        reader.start()
        visitor = Visitor(far)
        for piece in said:
            visitor.hear(piece)
        while not visitor.flush():
            pass
        far.shutdown(socket.SHUT_WR)
        reader.join(10)
    return bytes(heard).partition(b"\r\n")[2]


def test_a_login_with_literals_is_asked_for_them_and_done() -> None:
    assert talk(b"1 LOGIN {5}\r\n", b"al", b"ice {2}\r\n", b"pw\r\n") == b"+ go\r\n+ go\r\n1 OK done\r\n"


def test_a_sasl_answer_may_come_at_once_or_be_asked_for() -> None:
    assert talk(b"a AUTHENTICATE PLAIN AGEAYg==\r\n") == b"a OK done\r\n"
    assert talk(b"a AUTHENTICATE PLAIN\r\n", b"AGEAYg==\r\n") == b"+ \r\na OK done\r\n"


def test_idle_waits_for_done_and_logout_ends() -> None:
    assert talk(b"i IDLE\r\n", b"DONE\r\nx LOGOUT\r\ny NOOP\r\n") == b"+ \r\ni OK done\r\n* BYE\r\nx OK done\r\n"


def test_a_fetch_gives_as_many_octets_as_it_says() -> None:
    answer = talk(b"f FETCH 1 BODY.PEEK[]<0.600000>\r\n")
    head, _, rest = answer.partition(b"\r\n")
    assert head.endswith(b"{600000}")
    assert rest[600000:] == b")\r\nf OK done\r\n"


@pytest.mark.parametrize(
    ("text", "line"),
    [(b"* OK hi\r\n", b"* OK hi\r\n"), (b"* x\r\na OK\r\n", b"a OK\r\n"), (b"* x\r\na O", b""), (b"", b"")],
)
def test_the_last_line_counts_once_it_is_whole(text: bytes, line: bytes) -> None:
    assert last_line(text) == line


def test_a_percentile_is_a_value_that_was_seen() -> None:
    values = [float(number) for number in range(1, 1001)]
    assert percentile(values, 0.99) == 990.0
    assert percentile(values, 1.0) == 1000.0
    assert percentile([7.0], 0.99) == 7.0


def test_wrk_is_believed_only_when_everything_was_answered_well() -> None:
    good = "  2 threads\n  41234 requests in 2.00s, 90MB read\n"
    assert answered(good) == 41234
    for bad in (good + "  Non-2xx or 3xx responses: 41234\n", "unable to connect", "  0 requests in 2.00s\n"):
        with pytest.raises(Broken):
            answered(bad)
