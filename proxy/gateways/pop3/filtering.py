"""A message on its way by POP3, without its attachments: line by line as it comes, dots stuffed. Pure, O(1) memory.

::

    HEAD --text--> TEXT (passes)      HEAD --several parts--> BETWEEN (dropped) --boundary--> HEAD
      |--a message--> HEAD            HEAD --anything else, or what can be read in two ways--> NOTICE, DROPPED
    TEXT, DROPPED, BETWEEN --boundary of ours, or of what we are in--> HEAD; --last boundary--> BETWEEN

What is shown are texts that are no files, and their headers; whatever is not certain to be that is dropped.
"""

from enum import Enum
from typing import NamedTuple

from proxy.gateways.fields import MESSAGE, TEXT, Content, bare, content_of, well_formed
from proxy.gateways.notice import Withheld, entity

HEADER = 256 * 1024
"""The longest header that is looked at, in octets."""
LINE = 8192
"""So much of a line is held; a longer one passes, or is dropped, in pieces."""
DEEPEST = 20
READABLE = frozenset(("message/delivery-status", "message/disposition-notification"))
END = b".\r\n"


class Place(Enum):
    """Where in a message we are."""

    HEAD = "head"
    TEXT = "text"
    BETWEEN = "between"
    DROPPED = "dropped"


class Level(NamedTuple):
    """Parts that are open: their boundary, and what a part is that does not say so."""

    boundary: bytes
    default: str


class Filtering:
    """One answer to RETR or TOP, behind its status line. ``withheld``: something was dropped."""

    __slots__ = ("_default", "_head", "_language", "_levels", "_message", "_midline", "_place", "_rest", "withheld")

    def __init__(self, language: str) -> None:
        self._language = language
        self._place = Place.HEAD
        self._head = bytearray()
        self._message = True
        self._default = TEXT
        self._levels: list[Level] = []
        self._rest = b""
        self._midline = False
        self.withheld = False

    def feed(self, data: bytes, whole: bool) -> bytes:
        """Take a piece of the answer; ``whole``: it ends with it. Return what the client is sent."""
        shown: list[bytes] = []
        lines = (self._rest + data).split(b"\n")
        self._rest = lines.pop()
        for line in lines:
            shown.append(self._line(line + b"\n"))
        if len(self._rest) > LINE:
            # The CR of its end may be the last octet.
            piece, self._rest = self._rest[:-1], self._rest[-1:]
            shown.append(self._piece(piece))
        if whole:
            shown.append(self._over())
        return b"".join(shown)

    def _over(self) -> bytes:
        """The answer ends, perhaps within a header (TOP asks for so many lines)."""
        return self._cut() + END

    def _piece(self, piece: bytes) -> bytes:
        """A part of a line beyond all measure."""
        first, self._midline = not self._midline, True
        if first and piece[:2] == b"--" and self._levels:
            found = self._bounded(piece)
            if found is not None:
                return found
        if self._place is Place.HEAD:
            self._head += piece
            return self._too_long()
        return piece if self._place is Place.TEXT else b""

    def _line(self, line: bytes) -> bytes:
        if self._midline:
            self._midline = False
            if self._place is Place.HEAD:
                self._head += line
            return line if self._place is Place.TEXT else b""
        if line == END:
            return b""  # said when all is over
        if line[:2] == b"--" and self._levels:
            found = self._bounded(line)
            if found is not None:
                return found
        if self._place is Place.HEAD:
            return self._heading(line)
        return line if self._place is Place.TEXT else b""

    def _bounded(self, line: bytes) -> bytes | None:
        """Return what is shown of a boundary; None: it is none of ours."""
        text = line.rstrip()
        for depth, level in enumerate(self._levels):
            last = text == b"--%b--" % level.boundary
            if last or text == b"--" + level.boundary:
                before = self._cut()
                self._open(depth, level, last=last)
                return before + line
        if any(text.startswith(b"--" + level.boundary) for level in self._levels):
            # Some readers take this for a boundary. Whatever follows may be a part, to them.
            before, self._place, self.withheld = self._cut(), Place.DROPPED, True
            return before
        return None

    def _cut(self) -> bytes:
        """Return what is shown of a header that ends without its blank line."""
        return self._headed(complete=False) if self._place is Place.HEAD and self._head else b""

    def _open(self, depth: int, level: Level, *, last: bool) -> None:
        """Begin the next part of ``level``, or go on behind its last."""
        del self._levels[depth + (not last) :]
        self._place = Place.BETWEEN if last else Place.HEAD
        self._head, self._message, self._default = bytearray(), False, level.default

    # -- headers ------------------------------------------------------------------------------------------------

    def _heading(self, line: bytes) -> bytes:
        self._head += line
        if line.strip() == b"":
            return self._headed(complete=True)
        return self._too_long()

    def _too_long(self) -> bytes:
        return self._headed(complete=False) if len(self._head) > HEADER else b""

    def _headed(self, *, complete: bool) -> bytes:
        """A header has ended; decide what becomes of what is below it."""
        head, self._head = bytes(self._head), bytearray()
        content = content_of(head, self._default) if len(head) <= HEADER else None
        top = self._message and not self._levels
        if content is None or content.file or not (top or well_formed(head)) or not self._enter(content):
            self._place, self.withheld = Place.DROPPED, True
            part = Withheld(content.type if content is not None else "")
            return (bare(head) if self._message else b"") + entity(part, self._language, message=self._message)
        return head if complete else head + b"\r\n"

    def _enter(self, content: Content) -> bool:
        """Go on below a header; False: what is there is not shown."""
        if content.type.startswith("text/") or content.type in READABLE:
            self._place = Place.TEXT
            return True
        if not content.plain or len(self._levels) >= DEEPEST:
            return False
        if content.type == MESSAGE:
            self._place, self._message, self._default = Place.HEAD, True, TEXT
            return True
        if not content.type.startswith("multipart/") or not content.boundary:
            return False
        default = MESSAGE if content.type == "multipart/digest" else TEXT
        self._levels.append(Level(content.boundary, default))
        self._place = Place.BETWEEN
        return True
