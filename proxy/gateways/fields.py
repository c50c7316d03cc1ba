"""What a header says of the content below it (RFC 2045, RFC 2183), read strictly. Pure.

Two readers of a header that is ambiguous may see two messages: whatever could be read in two ways is no text here.
"""

import re
from typing import NamedTuple

FIELD = re.compile(rb"^(content-(?:type|disposition|transfer-encoding))[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)", re.I | re.M)
OTHER = re.compile(
    rb"^(?!content-|mime-version[ \t]*:)[!-9;-~]+[ \t]*:[^\n]*\n(?:[ \t]+[^ \t\r\n][^\n]*\n)*", re.I | re.M
)
_LINE = re.compile(rb"[!-9;-~]+[ \t]*:|[ \t]")
_TYPE = re.compile(rb"\s*([!#$&\-^_.+A-Za-z0-9]{1,100})\s*/\s*([!#$&\-^_.+A-Za-z0-9]{1,100})\s*(?:[;(]|\Z)")
_TOKEN = re.compile(rb"\s*([A-Za-z0-9\-]*)\s*(?:[;(]|\Z)")
_NAMED = re.compile(rb"(?:^|[;\s\"])(?:file)?name[*0-9]*\s*=", re.IGNORECASE)
_BOUNDARY = re.compile(rb"(?:^|[;\s\"])boundary\s*=\s*(?:\"([^\"\\\r\n]{1,200})\"|([^\s\";()]{1,200}))", re.I)
_KEY = re.compile(rb"(?:^|[;\s\"])boundary[*0-9]*\s*=", re.IGNORECASE)
AS_IT_IS = frozenset((b"", b"7bit", b"8bit", b"binary"))
TEXT, MESSAGE = "text/plain", "message/rfc822"


class Content(NamedTuple):
    """What a header says: media type in lower case, whether it speaks of a file, whether the content stands there as
    it is, and the boundary of its parts (empty: it has none that all readers would find)."""

    type: str
    file: bool = False
    plain: bool = True
    boundary: bytes = b""


def content_of(head: bytes, default: str = TEXT) -> Content | None:
    """Return what a header says of its content, ``default`` where it says nothing; None when two readers could read
    two things."""
    if b"\0" in head or head.count(b"\r") != head.count(b"\r\n"):
        return None
    found: dict[bytes, bytes] = {}
    for name, text in FIELD.findall(head):
        if found.setdefault(name.lower(), text) is not text:
            return None
    disposition = found.get(b"content-disposition", b"")
    token = _TOKEN.match(disposition)
    if token is None:
        return None
    file = token[1].lower() not in (b"", b"inline") or _NAMED.search(disposition) is not None
    plain = found.get(b"content-transfer-encoding", b"").strip().lower() in AS_IT_IS
    kind = found.get(b"content-type")
    if kind is None or kind.strip().lower() in (b"", b"text"):
        return Content(default if kind is None else TEXT, file, plain)
    read = _TYPE.match(kind)
    if read is None:
        return None
    media = f"{read[1].decode()}/{read[2].decode()}".lower()
    return Content(media, file or _NAMED.search(kind) is not None, plain, _boundary(kind))


def _boundary(kind: bytes) -> bytes:
    found = _BOUNDARY.findall(kind)
    return found[0][0] or found[0][1] if len(found) == 1 and len(_KEY.findall(kind)) == 1 else b""


def well_formed(head: bytes) -> bool:
    """Tell whether a header consists of fields, up to the blank line that ends it: broken parts have content there."""
    lines = head.split(b"\r\n")
    while lines and not lines[-1]:
        lines.pop()
    return all(_LINE.match(line) for line in lines)


def bare(head: bytes) -> bytes:
    """Return a message's header without what it says of its content, without whatever is no field, and without the
    blank line below it."""
    return b"".join(OTHER.findall(head if head.endswith(b"\n") else head + b"\r\n"))
