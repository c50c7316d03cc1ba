"""What an application is sent of a request's head: hop-by-hop and identity fields out, ours in (RFC 9110 7.6). Pure.

Names are compared with ``_`` read as ``-``, because CGI and WSGI do; names with an underscore never pass at all.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from proxy.web.cookies import without_ours
from proxy.web.head import Block, Field

HOP_BY_HOP = frozenset(
    (
        *(b"connection", b"keep-alive", b"proxy-connection", b"te", b"trailer", b"transfer-encoding", b"upgrade"),
        *(b"proxy-authenticate", b"proxy-authorization", b"proxy-authentication-info", b"http2-settings"),
    )
)
FRAMING = frozenset((b"content-length", b"host"))
# Fields by which some proxy somewhere names a person, an address or another path. From outside, all of them are lies.
IDENTITY = frozenset(
    (
        *(b"forwarded", b"remote-user", b"remote-email", b"remote-name", b"remote-groups", b"remote-addr", b"proxy"),
        *(b"true-client-ip", b"cf-connecting-ip", b"x-real-ip", b"x-cluster-client-ip", b"x-client-ip", b"x-user"),
        *(b"x-email", b"x-groups", b"x-username", b"x-user-id", b"x-user-email", b"x-authenticated-user", b"x-host"),
        *(b"x-http-method-override", b"x-http-method", b"x-method-override", b"x-rewrite-url", b"x-client-cert"),
        *(b"client-cert", b"client-cert-chain", b"ssl-client-cert", b"x-proxy-user", b"fastly-client-ip"),
    )
)
IDENTITY_PREFIXES = (
    *(b"x-forwarded-", b"x-gatepost-", b"x-original-", b"x-remote-", b"x-auth-", b"x-webauth-", b"x-authentik-"),
    *(
        b"x-ssl-",
        b"x-pomerium-",
        b"x-envoy-",
        b"x-vouch-",
        b"x-ms-client-principal",
        b"x-goog-authenticated-",
        b"x-amzn-oidc-",
    ),
)


@dataclass(frozen=True, slots=True)
class Added:
    """What we add: ``host`` to ask the application for, the client's ``address``, the host that it typed, who it is.

    ``own`` are further names that clients may not send (the route's mapped fields); ``said`` their values from us.
    """

    host: bytes
    address: bytes
    public_host: bytes
    identity: bytes = b""
    said: tuple[Field, ...] = ()
    own: frozenset[bytes] = field(default_factory=frozenset)


def passes(name: bytes, block: Block, own: frozenset[bytes] = frozenset()) -> bool:
    """Say whether a client's field may reach an application."""
    return not (
        name in HOP_BY_HOP
        or name in FRAMING
        or name in IDENTITY
        or b"_" in name
        or name.startswith(IDENTITY_PREFIXES)
        or name in block.connection
        or name in own
    )


def for_application(block: Block, added: Added) -> bytes:
    """Return the fields to send on, each with its CRLF, without the empty line and without the framing."""
    lines = [b"Host: " + added.host]
    cookies = [value for value in map(without_ours, block.all(b"cookie")) if value]
    lines += (
        name.title() + b": " + value
        for name, value in block.fields
        if name != b"cookie" and passes(name, block, added.own)
    )
    if cookies and b"cookie" not in block.connection:
        lines.append(b"Cookie: " + b"; ".join(cookies))
    lines += (b"X-Forwarded-For: " + added.address, b"X-Real-IP: " + added.address, b"X-Forwarded-Proto: https")
    lines.append(b"X-Forwarded-Host: " + added.public_host)
    if added.identity:
        lines.append(b"X-Gatepost-Identity: " + added.identity)
    lines += (name + b": " + value for name, value in added.said)
    return b"\r\n".join(lines) + b"\r\n"


def for_pages(block: Block, host: bytes, address: bytes, certificate: bytes) -> bytes:
    """Return the fields for the identity pages: the same hygiene, all cookies, and what only we can know."""
    lines = [b"Host: " + host]
    lines += (name.title() + b": " + value for name, value in block.fields if passes(name, block))
    lines += (b"X-Gatepost-Peer: " + address, b"X-Forwarded-Proto: https")
    if certificate:
        lines.append(b"X-Gatepost-Certificate: " + certificate)
    return b"\r\n".join(lines) + b"\r\n"


def framing(block: Block) -> bytes:
    """Return the field that frames the body as we send it on: the length, chunks, or nothing."""
    if block.chunked:
        return b"Transfer-Encoding: chunked\r\n"
    return b"" if block.length is None else b"Content-Length: %d\r\n" % block.length


def has_body(block: Block) -> bool:
    """Say whether octets follow the head (RFC 9112 6.3: a request without either field has no body)."""
    return block.chunked or bool(block.length)


def safe_text(values: Iterable[str]) -> bytes:
    """Return values for a field, joined by commas; what a field cannot hold is left out."""
    joined = ",".join(value for value in values if value)
    return "".join(letter for letter in joined if letter.isprintable()).encode("utf-8")


def begun_elsewhere(block: Block, host: str) -> bool:
    """Say whether another site made the browser ask: such a request needs a cookie of ours, which it does not get,
    while a device's certificate is shown whoever asks (Fetch metadata, and the Origin field)."""
    site, origin = block.first(b"sec-fetch-site"), block.first(b"origin")
    return site not in (b"", b"none", b"same-origin") or origin not in (b"", b"https://" + host.encode())
