"""A crowd that only holds the door: half-open and dripping connections by the thousand cost little memory, are cut in
time, and keep nobody out who comes from elsewhere (attacks B25, E14)."""

import contextlib
import resource
import select
import socket
import ssl
import time
from collections.abc import Callable, Iterator

import pytest

from tests.e2e.demo import Demo
from tests.hostile.line import MAIL_PORTS, PATIENCE, Line, memory, web, web_port

pytestmark = pytest.mark.e2e
CROWD, MIB = 1000, 1 << 20
SOMEWHERE_ELSE = "127.0.0.2"
Drip = bytes | None


@pytest.fixture(autouse=True)
def sockets_enough() -> Iterator[None]:
    """Let this process hold the crowd."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@contextlib.contextmanager
def crowd(port: int, says: bytes = b"") -> Iterator[list[socket.socket]]:
    """Hold a thousand connections to a port that say the same and then nothing."""
    held = []
    try:
        for _ in range(CROWD):
            with contextlib.suppress(OSError):
                one = socket.create_connection(("127.0.0.1", port), PATIENCE)
                held.append(one)
                one.sendall(says)
        yield held
    finally:
        for one in held:
            one.close()


def good_client(demo: Demo) -> float:
    """Log in over IMAPS from another address and return how many seconds that took."""
    alice = demo.person("alice")
    began = time.monotonic()
    plain = socket.create_connection(("127.0.0.1", demo.port("imaps")), PATIENCE, (SOMEWHERE_ELSE, 0))
    with demo.trust().wrap_socket(plain, server_hostname="localhost") as line:
        line.sendall(f"a LOGIN {alice.email} {alice.app_password('imap')}\r\n".encode())
        heard = b""
        while b"a OK" not in heard:
            piece = line.recv(4096)
            assert piece, heard
            heard += piece
    return time.monotonic() - began


def good_browser(demo: Demo) -> float:
    began = time.monotonic()
    plain = socket.create_connection(("127.0.0.1", web_port(demo, "issuer")), PATIENCE, (SOMEWHERE_ELSE, 0))
    with demo.trust().wrap_socket(plain, server_hostname="localhost") as line:
        line.sendall(f"GET /signin HTTP/1.1\r\nHost: localhost:{web_port(demo, 'issuer')}\r\n\r\n".encode())
        assert line.recv(4096).startswith(b"HTTP/1.1 200 ")
    return time.monotonic() - began


CLIENT_HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"
"""The beginning of one: the server waits for the other 500 octets."""


@pytest.mark.parametrize(
    ("place", "says"),
    [
        *((port, b"") for port in MAIL_PORTS),
        *((port, CLIENT_HELLO) for port in ("imaps", "submissions", "web")),
        ("imap", b"a LOGIN {16000}\r\n"),
        ("imap", b"a " + b"x" * 4000),
        ("submission", b"EHLO " + b"x" * 4000),
        ("web", b""),
    ],
    ids=lambda value: repr(value[:12]) if isinstance(value, bytes) else value,
)
def test_a_thousand_who_say_half_a_word_keep_nobody_out(demo: Demo, place: str, says: bytes) -> None:
    port = web_port(demo, "issuer") if place == "web" else demo.port(place)
    good_client(demo), good_browser(demo)
    before = memory(demo)

    with crowd(port, says):
        waited = (good_client(demo), good_browser(demo))
        grown = memory(demo) - before

    assert max(waited) < 1.0, waited
    assert grown < 32 * MIB, grown // MIB


def test_a_thousand_handshakes_without_a_word_cost_no_memory_that_stays(demo: Demo) -> None:
    context, port = demo.trust(), demo.port("imaps")
    good_client(demo)
    before = memory(demo)
    for _ in range(5):
        held = []
        for _ in range(200):
            plain = socket.create_connection(("127.0.0.1", port), PATIENCE)
            with contextlib.suppress(OSError, ssl.SSLError):
                held.append(context.wrap_socket(plain, server_hostname="localhost"))
        for one in held:
            one.close()
    assert good_client(demo) < 1.0
    assert memory(demo) - before < 32 * MIB


def get(demo: Demo, place: str, path: str = "/signin") -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: localhost:{web_port(demo, place)}\r\n\r\n".encode()


@pytest.mark.parametrize("place", ["issuer", "webmail"])
def test_who_asks_ahead_and_reads_nothing_costs_no_memory(demo: Demo, place: str) -> None:
    """Pages of ours and refusals alike: neither the requests nor the responses pile up in the gate."""
    good_browser(demo)
    before = memory(demo)
    lines = [web(demo, place).socket for _ in range(10)]
    for line in lines:
        line.setblocking(False)
    until, sent = time.monotonic() + 4.0, 0
    while time.monotonic() < until:
        select.select([], lines, [], 0.2)
        for line in lines:
            with contextlib.suppress(ssl.SSLWantWriteError, OSError):
                sent += line.send(get(demo, place) * 1000)
    assert sent > MIB  # they did ask, more than anybody answers
    assert memory(demo) - before < 32 * MIB
    assert good_browser(demo) < 1.0
    for line in lines:
        line.close()


@pytest.mark.parametrize(("place", "status"), [("issuer", b"200"), ("webmail", b"401")])
def test_who_asks_ahead_and_reads_late_misses_nothing(demo: Demo, place: str, status: bytes) -> None:
    """Three thousand requests in one breath are more than the gate reads ahead: it goes on as the answers are read."""
    asked = 3000
    heard = b"".join(answers(web(demo, place), get(demo, place) * asked, asked))
    assert heard.count(b"HTTP/1.1 " + status) == heard.count(b"HTTP/1.1 ") == asked


def answers(line: Line, questions: bytes, count: int) -> Iterator[bytes]:
    """Send ``questions`` as they are taken, and yield what comes until ``count`` heads were seen.

    One thread does both: a TLS object is not for two at a time.
    """
    seen, rest, left = 0, b"", memoryview(questions)
    line.socket.settimeout(0)
    until = time.monotonic() + 6 * PATIENCE
    while seen < count:
        assert time.monotonic() < until, seen
        select.select([line.socket], [line.socket] if left else [], [], 0.2)
        with contextlib.suppress(ssl.SSLWantWriteError, ssl.SSLWantReadError):
            left = left[line.socket.send(left[:16384]) :] if left else left
        with contextlib.suppress(ssl.SSLWantReadError):
            piece = line.socket.recv(65536)
            assert piece, seen
            yield piece
            seen += (rest + piece).count(b"HTTP/1.1 ") - rest.count(b"HTTP/1.1 ")
            rest = piece[-8:]


def dripping(demo: Demo, place: str, says: bytes) -> Callable[[], bool]:
    """Begin to say something and return what says one octet more, and False once that was cut."""
    port = web_port(demo, "issuer") if place == "web" else demo.port("imaps" if place == "handshake" else place)
    line = socket.create_connection(("127.0.0.1", port), PATIENCE)
    if place in ("web", "imaps"):
        line = demo.trust().wrap_socket(line, server_hostname="localhost")
    line.sendall(says)

    def drip() -> bool:
        try:
            line.sendall(b"x")
            line.settimeout(0.001)
            with contextlib.suppress(TimeoutError, ssl.SSLWantReadError):
                while line.recv(4096):
                    pass
                return False
        except OSError:
            return False
        return True

    return drip


def test_a_dripping_client_is_cut_within_the_bound_however_steadily_it_drips(impatient: Demo) -> None:
    """Every octet is progress; the deadline is for the whole of the time before authentication all the same."""
    drips = {
        "web": dripping(impatient, "web", b"GET / HTTP/1.1\r\nHost: localhost\r\nX: "),
        "imaps": dripping(impatient, "imaps", b"a LOGIN x "),
        "submission": dripping(impatient, "submission", b"EHLO "),
        "handshake": dripping(impatient, "handshake", CLIENT_HELLO),
    }
    until = time.monotonic() + 15.0
    while drips and time.monotonic() < until:
        drips = {name: drip for name, drip in drips.items() if drip()}
        time.sleep(0.1)  # the pace of the drip: this is a client, it waits for nothing
    assert not drips, sorted(drips)
