"""TLS contexts, and the one place that reaches for the C TLS object behind Python's ``ssl`` module.

``wrap`` returns an object that reads and writes TLS on a non-blocking socket. It takes the private
``SSLContext._wrap_socket`` where it exists (0.08 ms cheaper per session, no second socket object) and the public
``SSLSocket`` where it does not.
"""

import socket
import ssl
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, cast

CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""TLS 1.2 only with forward secrecy and an authenticated cipher; TLS 1.3 suites are all of that kind."""

OTHER_PROTOCOLS = (
    *("http/1.1", "h2", "http/1.0", "http/0.9", "h2c", "h3", "spdy/3", "acme-tls/1", "webrtc", "dot"),
    *("imap", "pop3", "managesieve", "smtp", "submission", "ftp", "nntp", "irc", "mqtt", "postgresql"),
    *("xmpp-client", "xmpp-server", "sip/2", "stun.turn"),
)
"""ALPN names that a listener selects only to refuse them (see ``server_context``): Python offers no way to see a
refused offer."""

IGNORE_UNEXPECTED_EOF = getattr(ssl, "OP_IGNORE_UNEXPECTED_EOF", 0)


class Stream(Protocol):
    """What a channel needs of a TLS object; the shape of CPython's ``_ssl._SSLSocket``."""

    context: ssl.SSLContext

    def do_handshake(self) -> None: ...
    def read(self, size: int, buffer: memoryview) -> int: ...
    def write(self, data: bytes | bytearray | memoryview) -> int: ...
    def shutdown(self) -> object: ...
    def getpeercert(self, binary: bool, /) -> Any: ...
    def selected_alpn_protocol(self) -> str | None: ...
    def version(self) -> str | None: ...


class PublicStream:
    """The same over the public ``SSLSocket``, for interpreters without the private door."""

    def __init__(self, sock: ssl.SSLSocket) -> None:
        self._sock = sock
        self.do_handshake = sock.do_handshake
        self.read = sock.read
        self.write = sock.write
        self.shutdown = sock.unwrap
        self.getpeercert = sock.getpeercert
        self.selected_alpn_protocol = sock.selected_alpn_protocol
        self.version = sock.version

    @property
    def context(self) -> ssl.SSLContext:
        return self._sock.context

    @context.setter
    def context(self, context: ssl.SSLContext) -> None:
        self._sock.context = context


def wrap(
    context: ssl.SSLContext, sock: socket.socket, *, server_side: bool, server_name: str | None, owner: object
) -> tuple[Stream, socket.socket]:
    """Return a TLS object on ``sock`` (connected, non-blocking), and the socket to keep alive in place of ``sock``.

    ``owner`` is what an SNI callback is handed; it must let its ``context`` be set. No octet is sent or read yet.
    """
    private = getattr(context, "_wrap_socket", None)
    if private is None:
        return wrap_publicly(context, sock, server_side=server_side, server_name=server_name)
    return cast(Stream, private(sock, server_side, server_name, owner=owner, session=None)), sock


def wrap_publicly(
    context: ssl.SSLContext, sock: socket.socket, *, server_side: bool, server_name: str | None
) -> tuple[Stream, socket.socket]:
    """Do as ``wrap``, by the public interface alone."""
    wrapped = context.wrap_socket(
        sock,
        server_side=server_side,
        do_handshake_on_connect=False,
        suppress_ragged_eofs=False,
        server_hostname=server_name,
    )
    return cast(Stream, PublicStream(wrapped)), wrapped


def server_context(
    certificate: Path,
    key: Path,
    *,
    device_ca: Path | None = None,
    peers: Sequence[Path] = (),
    alpn: Sequence[str] = (),
) -> ssl.SSLContext:
    """Return a context for a listener: TLS 1.2 or later, certificate chain and key from PEM files.

    ``device_ca`` (PEM): ask for a client certificate; one that it did not issue for client use fails the handshake,
    none at all does not. No resumption tickets are given: with P-256 they save nobody anything (a ticket costs 50 us of
    a handshake's 330), and a resumed session would bring back a certificate that nobody verified today.
    ``peers`` (PEM): ask likewise, but for one of these very certificates, whoever issued them.
    ``alpn``: names we speak. A client that offers only others gets one of ``OTHER_PROTOCOLS`` selected, so that the
    listener sees the cross-protocol attempt (ALPACA) and closes; see ``alpn_fits``.

    Raises:
        OSError, ssl.SSLError: the files cannot be read or do not fit together.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _harden(context)
    context.options |= ssl.OP_CIPHER_SERVER_PREFERENCE
    context.load_cert_chain(certificate, key)
    context.num_tickets = 0
    context.options |= ssl.OP_NO_TICKET
    if device_ca is not None:
        context.load_verify_locations(device_ca)
        context.verify_mode = ssl.CERT_OPTIONAL
    for peer in peers:
        context.load_verify_locations(peer)
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        context.verify_mode = ssl.CERT_OPTIONAL
    if alpn:
        context.set_alpn_protocols([*alpn, *(name for name in OTHER_PROTOCOLS if name not in alpn)])
    return context


def client_context(ca: Path | None = None, *, alpn: Sequence[str] = ()) -> ssl.SSLContext:
    """Return a context for an upstream: certificate and name are verified, by ``ca`` (PEM) or else the system's own
    authorities.

    A stream cut off without close_notify is an error, not an end.

    Raises:
        OSError, ssl.SSLError: ``ca`` cannot be read.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    _harden(context)
    context.options &= ~IGNORE_UNEXPECTED_EOF
    if ca is not None:
        context.load_verify_locations(ca)
    else:
        context.load_default_certs(ssl.Purpose.SERVER_AUTH)
    if alpn:
        context.set_alpn_protocols(list(alpn))
    return context


def serve_names(default: ssl.SSLContext, names: Mapping[str, ssl.SSLContext]) -> None:
    """Make ``default`` hand over to the context of the name that the client asks for (SNI); unknown names stay with
    ``default``.

    The channel's ``server_name`` becomes the name, in lower case.
    """

    def choose(owner: Any, name: str | None, _: ssl.SSLContext) -> None:
        if name is not None:
            owner.server_name = name.lower()
            chosen = names.get(name.lower())
            if chosen is not None:
                owner.context = chosen

    default.sni_callback = choose


def alpn_fits(selected: str | None, spoken: Sequence[str]) -> bool:
    """Tell whether the handshake is meant for us: the client named no protocol at all, or one that we speak (RFC
    7301, ALPACA)."""
    return selected is None or selected in spoken


def _harden(context: ssl.SSLContext) -> None:
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(CIPHERS)
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
