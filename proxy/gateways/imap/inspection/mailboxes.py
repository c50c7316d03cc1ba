"""Names of mailboxes (RFC 3501, section 5.1.3; RFC 9051, section 5.1), and which of them a session may see. Pure.

A policy names mailboxes as people read them, with ``/`` between the levels; a server may have another delimiter, which
counts as well, and another spelling. Whatever cannot be read is none of them.
"""

import base64
import binascii
import re
import unicodedata
from collections.abc import Iterable
from enum import Enum

_SHIFTED = re.compile(r"&([A-Za-z0-9+,]*)-")
INBOX = "INBOX"

Path = tuple[str, ...]


class Sight(Enum):
    """How much of a mailbox is seen: all of it; only that it leads to one that is seen; nothing."""

    OPEN = "open"
    LEADING = "leading"
    HIDDEN = "hidden"


class Mailboxes:
    """The mailboxes that a session may see: those named, and all that lie below them. INBOX is one like the others.

    ``utf8``: names are UTF-8, not modified UTF-7, from now on. ``known``: by what they are divided is known.
    """

    __slots__ = ("_delimiter", "_names", "_shown", "known", "utf8")

    def __init__(self, names: Iterable[str]) -> None:
        self._names = tuple(names)
        self.utf8 = False
        self.divided("/")
        self.known = False

    def others(self, names: Iterable[str]) -> "Mailboxes":
        """Return other mailboxes of the same server."""
        made = Mailboxes(names)
        made.divided(self._delimiter)
        made.utf8, made.known = self.utf8, self.known
        return made

    def divided(self, delimiter: str) -> None:
        """The server's names have this delimiter between their levels, or none."""
        self._delimiter, self.known = delimiter, True
        written = (name.replace("/", delimiter) if delimiter else name for name in self._names)
        self._shown: tuple[Path, ...] = tuple(self._path(name) for name in written)

    def sight(self, name: bytes | None) -> Sight:
        """Return how much may be seen of the mailbox that a client or server calls ``name``."""
        text = read(name, utf8=self.utf8) if name is not None else None
        if text is None:
            return Sight.HIDDEN
        path = self._path(text)
        if any(level in ("", ".", "..") for level in path):
            return Sight.HIDDEN
        if any(path[: len(shown)] == shown for shown in self._shown):
            return Sight.OPEN
        return Sight.LEADING if any(shown[: len(path)] == path for shown in self._shown) else Sight.HIDDEN

    def open(self, name: bytes | None, *, made: bool = False) -> bool:
        """Tell whether ``name`` may be opened; ``made``: it is to be created, and may end in a delimiter."""
        if made and name is not None:
            name = self._bare(name)
        return self.sight(name) is Sight.OPEN

    def leads(self, prefix: bytes | None) -> bool:
        """Tell whether a namespace with this prefix holds anything that is seen."""
        if not prefix:
            return prefix is not None
        return self.sight(self._bare(prefix)) is not Sight.HIDDEN

    def _bare(self, name: bytes) -> bytes:
        return name.removesuffix(self._delimiter.encode()) if self._delimiter else name

    def _path(self, name: str) -> Path:
        text = unicodedata.normalize("NFC", name)
        levels = text.split(self._delimiter) if self._delimiter else [text]
        if levels[0].upper() == INBOX:
            levels[0] = INBOX
        return tuple(levels)


def read(name: bytes, *, utf8: bool) -> str | None:
    """Return the name that ``name`` spells; None when it spells none."""
    try:
        return name.decode() if utf8 else _from_utf7(name.decode("ascii"))
    except (UnicodeDecodeError, binascii.Error, ValueError):
        return None


def _from_utf7(text: str) -> str:
    """Decode modified UTF-7; what is not encoded as it should be raises ValueError."""
    decoded = _SHIFTED.sub(lambda found: _unshifted(found[1]), text)
    if "&" in _SHIFTED.sub("", text) or not text.isprintable():
        raise ValueError("a stray ampersand, or a control character")
    return decoded


def _unshifted(sixes: str) -> str:
    if not sixes:
        return "&"
    octets = base64.b64decode(sixes.replace(",", "/") + "=" * (-len(sixes) % 4), validate=True)
    return octets.decode("utf-16-be")


def spelt(name: str, *, utf8: bool) -> bytes:
    """Return how ``name`` is spelt on the wire."""
    if utf8:
        return name.encode()
    return re.sub(r"&|[^\x20-\x7e]+", lambda found: _shifted(found[0]), name).encode("ascii")


def _shifted(text: str) -> str:
    if text == "&":
        return "&-"
    return "&" + base64.b64encode(text.encode("utf-16-be")).decode().rstrip("=").replace("/", ",") + "-"
