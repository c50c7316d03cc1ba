"""One bounded POST to a client's address, over TLS that is verified, to a place that we may talk to.

The name is resolved once, every address it has must be allowed, and the connection goes to that very address: a name
that turns inward between check and use gains nothing. No redirects are followed, no body is read.
"""

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Sequence
from urllib.parse import SplitResult, urlencode, urlsplit

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
SECONDS = 5.0


class NotSent(Exception):
    """It was not delivered; the message says why."""


class Poster:
    """Posts forms. ``private`` lists the non-public networks that may be addressed, ``tls`` verifies the other side."""

    def __init__(
        self, private: Sequence[str] = (), tls: ssl.SSLContext | None = None, seconds: float = SECONDS
    ) -> None:
        self._private: list[Network] = [ipaddress.ip_network(net) for net in private]
        self._tls = tls or ssl.create_default_context()
        self._seconds = seconds

    def post(self, uri: str, form: dict[str, str]) -> int:
        """Send ``form`` urlencoded; return the HTTP status. Blocks for three times ``seconds`` at most.

        Raises:
            NotSent: the address may not be spoken to, or did not answer properly in time.
        """
        parts = _parts(uri)
        address = self._resolve(parts)
        connection = self._connection(parts)
        cut = threading.Timer(2 * self._seconds, _cut, (connection,))
        cut.start()
        try:
            connection.sock = self._connect(parts, address)
            path = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
            connection.request("POST", path, urlencode(form), {"Content-Type": "application/x-www-form-urlencoded"})
            return connection.getresponse().status
        except (OSError, http.client.HTTPException, ValueError) as fault:
            raise NotSent(f"{type(fault).__name__}: {fault}"[:200]) from fault
        finally:
            cut.cancel()
            connection.close()

    def _connection(self, parts: SplitResult) -> http.client.HTTPConnection:
        # The host and port are for the Host field alone; the socket is made by us.
        return http.client.HTTPConnection(parts.netloc.rpartition("@")[2], timeout=self._seconds)

    def _resolve(self, parts: SplitResult) -> tuple[str, int]:
        if parts.scheme not in ("https", "http") or not parts.hostname:
            raise NotSent("not an http address")
        try:
            port = parts.port or (443 if parts.scheme == "https" else 80)
            found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
        except (OSError, ValueError) as fault:
            raise NotSent(f"no such host: {fault}"[:200]) from fault
        places = [str(entry[4][0]).partition("%")[0] for entry in found]
        refused = [place for place in places if not self._allowed(place)]
        if refused or not places:
            raise NotSent(f"{parts.hostname} is at {', '.join(refused)}, a network that may not be addressed")
        return places[0], port

    def _allowed(self, place: str) -> bool:
        address = ipaddress.ip_address(place)
        inner = getattr(address, "ipv4_mapped", None) or address
        if any(inner.version == net.version and inner in net for net in self._private):
            return True
        return inner.is_global and not inner.is_multicast

    def _connect(self, parts: SplitResult, address: tuple[str, int]) -> socket.socket:
        plain = socket.create_connection(address, self._seconds)
        if parts.scheme == "http":
            return plain
        try:
            return self._tls.wrap_socket(plain, server_hostname=parts.hostname)
        except BaseException:
            with contextlib.suppress(OSError):
                plain.close()
            raise


def _parts(uri: str) -> SplitResult:
    try:
        return urlsplit(uri)
    except ValueError as fault:
        raise NotSent(f"not an address: {fault}"[:200]) from fault


def _cut(connection: http.client.HTTPConnection) -> None:
    """End a conversation that has gone on for too long, however often a byte came."""
    with contextlib.suppress(OSError, AttributeError):
        connection.sock.shutdown(socket.SHUT_RDWR)
