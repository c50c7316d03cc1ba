"""A crowd that only holds the door: half-open and dripping connections by the thousand cost little memory, are cut in
time, and keep nobody out who comes from elsewhere (attacks B25, E14)."""

import contextlib
import resource
import socket
import ssl
import time
from collections.abc import Callable, Iterator

import pytest

from tests.e2e.demo import Demo
from tests.hostile.line import MAIL_PORTS, PATIENCE, memory, web_port

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


def dripping(demo: Demo, place: str, says: bytes) -> Callable[[], bool]:
    """Begin to say something and return what says one octet more, and False once that was cut."""
    port = web_port(demo, "issuer") if place == "web" else demo.port(place)
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


def test_a_dripping_client_is_cut_within_the_bound_however_steadily_it_drips(demo: Demo) -> None:
    """Every octet is progress; the deadline is for the whole line, head or handshake all the same."""
    drips = {
        "web": dripping(demo, "web", b"GET / HTTP/1.1\r\nHost: localhost\r\nX: "),
        "imaps": dripping(demo, "imaps", b"a LOGIN x "),
        "submission": dripping(demo, "submission", b"EHLO "),
    }
    until = time.monotonic() + 90.0
    while drips and time.monotonic() < until:
        drips = {name: drip for name, drip in drips.items() if drip()}
        time.sleep(0.5)  # the pace of the drip: this is a client, it waits for nothing
    assert not drips, sorted(drips)
