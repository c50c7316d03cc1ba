"""A raw line to one of the demo's public ports: send any octets, hear what comes back and whether it was closed."""

import contextlib
import re
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.demo import Demo

PATIENCE = 10.0
MAIL_PORTS = ("imap", "imaps", "submission", "submissions")
IMPLICIT = frozenset({"imaps", "submissions"})


@dataclass(frozen=True)
class Heard:
    """What came back. ``closed``: the other side ended the connection; False: it still listens."""

    octets: bytes
    closed: bool

    @property
    def statuses(self) -> list[bytes]:
        """The status codes of HTTP answers, in order."""
        return re.findall(rb"^HTTP/1\.1 (\d{3}) ", self.octets, re.M)

    @property
    def lines(self) -> list[bytes]:
        return self.octets.split(b"\r\n")[:-1]


class Line:
    """One connection. Reading never waits for what will not come: ``until`` says what to wait for."""

    def __init__(self, demo: Demo, port: int, implicit: bool) -> None:
        self._demo = demo
        self.socket: socket.socket = socket.create_connection(("localhost", port), timeout=PATIENCE)
        if implicit:
            self.secure()

    def secure(self) -> None:
        """Begin TLS."""
        self.socket = self._demo.trust().wrap_socket(self.socket, server_hostname="localhost")

    def send(self, octets: bytes) -> None:
        """Send; that the other side closes meanwhile is for ``hear`` to tell."""
        with contextlib.suppress(OSError):
            self.socket.sendall(octets)

    def hear(self, until: bytes = b"", most: int = 1 << 20) -> Heard:
        """Read until ``until`` was heard, or the other side closes (``until`` empty: just that).

        Raises TimeoutError when neither happens.
        """
        octets = b""
        while not until or until not in octets:
            try:
                piece = self.socket.recv(65536)
            except TimeoutError:
                raise TimeoutError(f"after {octets[-300:]!r}") from None
            except (ssl.SSLError, ConnectionError):
                return Heard(octets, True)
            if not piece:
                return Heard(octets, True)
            octets += piece
            assert len(octets) <= most, "it does not stop talking"
        return Heard(octets, False)

    def say(self, octets: bytes, until: bytes = b"") -> Heard:
        """Send and hear."""
        self.send(octets)
        return self.hear(until)

    def close(self) -> None:
        self.socket.close()


def mail(demo: Demo, listener: str) -> Line:
    """Return a line to a mail port whose greeting was read; inside TLS at once where the port is so."""
    line = Line(demo, demo.port(listener), listener in IMPLICIT)
    line.hear(b"ready")
    return line


def web(demo: Demo, place: str = "webmail") -> Line:
    """Return a line to an HTTPS port: ``webmail``'s or ``issuer``'s."""
    return Line(demo, web_port(demo, place), True)


def web_port(demo: Demo, place: str = "webmail") -> int:
    return int(str(demo.facts[place]).rstrip("/").rpartition(":")[2])


def memory(demo: Demo) -> int:
    """Return the resident octets of all processes of the gate itself: identity side and proxies."""
    return sum(_resident(pid) for pid, line in demo.processes().items() if "gatepost" in line)


def _resident(pid: int) -> int:
    with contextlib.suppress(OSError):
        found = re.search(r"^VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.M)
        return int(found[1]) * 1024 if found else 0
    return 0
