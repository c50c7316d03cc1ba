"""What a client is sent of a response's head, and where the response's body ends (RFC 9112 6.3). Pure."""

from proxy.web.cookies import sets_ours
from proxy.web.framing import Body, Chunked, Counted, NoBody, UntilClose
from proxy.web.head import Block, StatusLine
from proxy.web.request import HOP_BY_HOP

HSTS = b"Strict-Transport-Security: max-age=31536000\r\n"
"""RFC 6797. Not sent for a demo on ``localhost``: it would turn every other service of that machine to https."""
OURS = frozenset((b"strict-transport-security", b"content-length"))


def bodiless(method: bytes, status: int) -> bool:
    """Say whether a response has no body whatever its head says."""
    return method == b"HEAD" or status < 200 or status in (204, 304)


def body_of(method: bytes, line: StatusLine, block: Block, *, minor: int) -> Body:
    """Return how the body ends. A client of HTTP/1.0 (``minor`` 0) takes no chunks: it gets the bare octets."""
    if bodiless(method, line.status):
        return NoBody()
    if block.chunked:
        return Chunked(plain=minor == 0)
    return UntilClose() if block.length is None else Counted(block.length)


def keeps_alive(line: StatusLine, block: Block) -> bool:
    """Say whether the connection may carry another exchange, from what this head says."""
    if b"close" in block.connection:
        return False
    return line.minor == 1 or b"keep-alive" in block.connection


def for_client(
    line: StatusLine, block: Block, *, close: bool, minor: int, pages: bool = False, hsts: bytes = HSTS
) -> bytes:
    """Return the whole head for the client. ``pages``: it comes from our identity side, whose cookies are ours."""
    lines = [b"HTTP/1.1 %d %b" % (line.status, line.reason)]
    lines += (
        name.title() + b": " + value
        for name, value in block.fields
        if name not in HOP_BY_HOP
        and name not in OURS
        and name not in block.connection
        and not name.startswith(b"x-gatepost-")
        and not (name == b"set-cookie" and not pages and sets_ours(value))
    )
    if block.chunked:
        if minor == 1:
            lines.append(b"Transfer-Encoding: chunked")
    elif block.length is not None:
        lines.append(b"Content-Length: %d" % block.length)
    if close:
        lines.append(b"Connection: close")
    return b"\r\n".join(lines) + b"\r\n" + hsts + b"\r\n"


def interim(line: StatusLine, block: Block) -> bytes:
    """Return an informational response (100, 103) for the client."""
    lines = [b"HTTP/1.1 %d %b" % (line.status, line.reason)]
    lines += (name.title() + b": " + value for name, value in block.fields if name == b"link")
    return b"\r\n".join(lines) + b"\r\n\r\n"
