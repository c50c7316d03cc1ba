"""What stands in a message in the place of an attachment that is withheld. Pure.

Owns what the person reads: that something was there, what it was called, what it was. The same part has the same notice
in every session of a person, so that sizes stay what they were told to be.
"""

import base64
import binascii
import re
import urllib.parse
from typing import NamedTuple

from kernel.reasons import Reason, words

LONGEST_NAME = 120
_WORD = re.compile(r"=\?([A-Za-z0-9_.\-]{1,40})(?:\*[^?]*)?\?([BbQq])\?([^?\s]*)\?=(?:\s+(?==\?))?")
_EXTENDED = re.compile(rb"([A-Za-z0-9_.\-]{1,40})'[^']*'(.*)\Z", re.DOTALL)


class Withheld(NamedTuple):
    """An attachment: its media type, its name as it was spelt (None: it has none), how many octets it is (None: not
    known)."""

    type: str
    name: bytes | None = None
    octets: int | None = None


def notice(part: Withheld, language: str) -> bytes:
    """Return the line that a person reads, in UTF-8, with its CR LF."""
    about = [readable_name(part.name)] if part.name else []
    about.append(_clean(part.type) or "application/octet-stream")
    if part.octets is not None:
        about.append(f"{part.octets:,} bytes")
    return f"[{words(Reason.ATTACHMENT, language)} {', '.join(about)}]\r\n".encode()


def entity(part: Withheld, language: str, *, message: bool = False) -> bytes:
    """Return a whole part that holds the notice: header, blank line, text. ``message``: the header is a message's
    own, from which every field about its content was taken out."""
    head = b"MIME-Version: 1.0\r\n" if message else b""
    return (
        head + b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"
        b"Content-Disposition: inline\r\n\r\n" + notice(part, language)
    )


def readable_name(name: bytes) -> str:
    """Return a file name for people: encoded words (RFC 2047) and extended values (RFC 2231) decoded, one bounded
    line."""
    extended = _EXTENDED.match(name)
    if extended is not None:
        charset, text = extended[1].decode("ascii"), urllib.parse.unquote_to_bytes(extended[2])
        return _clean(_decoded(text, charset))
    return _clean(_WORD.sub(_encoded_word, _decoded(name, "utf-8")))


def _encoded_word(found: re.Match[str]) -> str:
    charset, how, text = found.groups()
    try:
        if how in "Bb":
            octets = base64.b64decode(text.encode("ascii"), validate=True)
        else:
            octets = binascii.a2b_qp(text.encode("ascii"), header=True)
    except (UnicodeEncodeError, binascii.Error, ValueError):
        return found[0]
    return _decoded(octets, charset)


def _decoded(octets: bytes, charset: str) -> str:
    try:
        return octets.decode(charset, "replace")
    except (LookupError, UnicodeError, ValueError):
        return octets.decode("latin-1")


def _clean(text: str) -> str:
    return "".join(sign for sign in text if sign.isprintable())[:LONGEST_NAME]
