"""Heads of HTTP/1.1 messages (RFC 9112): strict on whatever two readers could read in two ways. Pure.

A head is a start line and a block of fields. Blocks repeat from request to request, so the two are read apart and the
meaning of a block can be remembered. Refused with 400: bare CR, LF, NUL, folded lines, space before a colon, a doubled
Host, Content-Length or Transfer-Encoding, both lengths at once, any coding but ``chunked`` (501), numbers with signs.
"""

import re
from dataclasses import dataclass

from kernel.config.settings import Bounds

Field = tuple[bytes, bytes]

# RFC 9110 5.6.2 (token) and 5.5 (field-value: VCHAR, obs-text, SP, HTAB; nothing else, so no NUL, CR, LF or DEL).
TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
VALUE = rb"[\t\x20-\x7e\x80-\xff]*"
FIELD = re.compile(rb"(" + TOKEN + rb"):[ \t]*(" + VALUE + rb")\r\n")
# RFC 9112 3. A target is visible ASCII; RFC 3986 has no more, and a browser sends no more.
REQUEST_LINE = re.compile(rb"(" + TOKEN + rb") ([\x21-\x7e]+) HTTP/1\.([01])")
STATUS_LINE = re.compile(rb"HTTP/1\.([01]) ([1-5][0-9][0-9])(?: (" + VALUE + rb"))?")
# RFC 9110 8.6: digits alone. Fifteen of them are a petabyte, and no float or signed word overflows.
LENGTH = re.compile(rb"[0-9]{1,15}")
METHOD_OCTETS = 32


class Bad(Exception):
    """A message that is refused. ``status`` is what the client is answered; the connection is closed behind it."""

    def __init__(self, status: int, what: str) -> None:
        self.status = status
        self.what = what
        super().__init__(f"{status} {what}")


@dataclass(frozen=True, slots=True)
class RequestLine:
    """``GET /x HTTP/1.1``: the target as it was sent."""

    method: bytes
    target: bytes
    minor: int


@dataclass(frozen=True, slots=True)
class StatusLine:
    """``HTTP/1.1 200 OK``."""

    minor: int
    status: int
    reason: bytes


@dataclass(frozen=True, slots=True)
class Block:
    """A block of fields, names in lower case, and what it means for framing. ``length`` None: none was given.

    ``connection`` holds the lower-case tokens of Connection; ``expects``: 100-continue was asked for.
    """

    fields: tuple[Field, ...]
    length: int | None = None
    chunked: bool = False
    connection: frozenset[bytes] = frozenset()
    expects: bool = False

    def all(self, name: bytes) -> list[bytes]:
        """Return every value of a field, in order."""
        return [value for key, value in self.fields if key == name]

    def first(self, name: bytes) -> bytes:
        """Return the first value of a field, or nothing."""
        return next((value for key, value in self.fields if key == name), b"")


def end_of_head(buffer: bytes | bytearray, bounds: Bounds) -> int:
    """Return where the head ends, just after its empty line; 0 when more octets are needed.

    Raises:
        Bad: 414 or 431, as soon as the start line or the head is longer than it may be.
    """
    end = buffer.find(b"\r\n\r\n") + 4
    if end > 3 and end <= bounds.head:
        if buffer.find(b"\r\n", 0, bounds.line + 2) < 0:
            raise Bad(414, "the request line is too long")
        return end
    if buffer.find(b"\r\n", 0, bounds.line + 2) < 0 and len(buffer) > bounds.line:
        raise Bad(414, "the request line is too long")
    if end > 3 or len(buffer) > bounds.head:
        raise Bad(431, "the header is too large")
    # Told at once, not at the deadline: a head whose lines end in a bare LF would never come to its end.
    if buffer.count(b"\n") != buffer.count(b"\r\n") or b"\x00" in buffer:
        raise Bad(400, "a line of the head does not end in CRLF")
    return 0


def read_request_line(raw: bytes) -> RequestLine:
    """Read a request line without its CRLF.

    Raises:
        Bad: 400, or 505 for another version of HTTP.
    """
    match = REQUEST_LINE.fullmatch(raw)
    if match is None:
        if re.fullmatch(rb"[^\r\n\x00]+ HTTP/[0-9]\.[0-9]", raw) and not raw.endswith((b"HTTP/1.0", b"HTTP/1.1")):
            raise Bad(505, "this version of HTTP is not spoken here")
        raise Bad(400, "the request line is malformed")
    method, target, minor = match.groups()
    if len(method) > METHOD_OCTETS:
        raise Bad(400, "the method is too long")
    return RequestLine(method, target, 1 if minor == b"1" else 0)


def read_status_line(raw: bytes) -> StatusLine:
    """Read a status line without its CRLF.

    Raises:
        Bad: 502.
    """
    match = STATUS_LINE.fullmatch(raw)
    if match is None:
        raise Bad(502, "the status line is malformed")
    return StatusLine(1 if match[1] == b"1" else 0, int(match[2]), match[3] or b"")


def read_block(raw: bytes, bounds: Bounds) -> Block:
    """Read the fields of a head: every line with its CRLF, without the empty line at the end.

    Raises:
        Bad: 400, 431 for too many fields, 501 for a transfer coding that is not ``chunked``, 417 for an unknown
            expectation.
    """
    if raw.count(b"\r\n") > bounds.header_fields:
        raise Bad(431, "too many header fields")
    fields: list[Field] = []
    at, size = 0, len(raw)
    while at < size:
        match = FIELD.match(raw, at)
        if match is None:
            raise Bad(400, "a header field is malformed")
        fields.append((match[1].lower(), match[2].rstrip(b" \t")))
        at = match.end()
    return _meant(tuple(fields))


def _meant(fields: tuple[Field, ...]) -> Block:
    length = _length([value for name, value in fields if name == b"content-length"])
    codings = [value for name, value in fields if name == b"transfer-encoding"]
    if codings and length is not None:
        raise Bad(400, "both Content-Length and Transfer-Encoding")
    if len(codings) > 1:
        raise Bad(400, "Transfer-Encoding is doubled")
    if codings and codings[0].lower() != b"chunked":
        raise Bad(501, "only chunked transfer coding is spoken here")
    expectations = [value for name, value in fields if name == b"expect"]
    if expectations and expectations[0].lower() != b"100-continue":
        raise Bad(417, "unknown expectation")
    return Block(fields, length, bool(codings), _tokens(fields), bool(expectations))


def _length(values: list[bytes]) -> int | None:
    if not values:
        return None
    # Even two equal lengths are refused: a reader downstream may take the list for something else.
    if len(values) > 1 or LENGTH.fullmatch(values[0]) is None:
        raise Bad(400, "Content-Length is malformed")
    return int(values[0])


def _tokens(fields: tuple[Field, ...]) -> frozenset[bytes]:
    listed = b",".join(value for name, value in fields if name == b"connection")
    return frozenset(token.strip(b" \t").lower() for token in listed.split(b",") if token.strip(b" \t"))
