"""One part's octets on their way from the server to the client. Pure, O(1) memory.

The response that brings them may have other items, and others may come before it.
"""

import re

from proxy.gateways.imap.inspection.answers import Fragment, Line, Octets
from proxy.gateways.imap.inspection.errands import GATHERED, Broken
from proxy.gateways.imap.inspection.sizing import HEAD
from proxy.gateways.imap.inspection.values import Malformed, items

ORIGIN = re.compile(rb"<\d{1,20}>\Z")


class Streaming:
    """Waits for the item ``label`` (in upper case, without its origin) and passes on ``want`` octets of it; None: all,
    behind its name and size, as the server tells it. ``others``: responses that were not about it."""

    __slots__ = ("_gathered", "_label", "_mark", "_passing", "begun", "others", "want")

    def __init__(self, label: bytes, want: int | None) -> None:
        self._label = label
        self._mark = re.compile(re.escape(label) + rb"(?:<\d{1,20}>)? (~?\{\d{1,20}\}\r\n)\Z", re.IGNORECASE)
        self.want = want
        self.begun = self._passing = False
        self._gathered: bytearray | None = None
        self.others: list[bytes] = []

    def heard(self, fragment: Fragment) -> bytes | memoryview:
        """Take a fragment of a FETCH response; return what the client is to be told now.

        Raises:
            Broken: it is too long, or no response.
        """
        if isinstance(fragment, Octets) and self._passing:
            return self._pass(fragment.octets)
        if isinstance(fragment, Line):
            found = self._mark.search(fragment.octets) if fragment.first and not self.begun else None
            if found is not None and fragment.literal >= 0:
                self.begun = self._passing = True
                return self._told(fragment.literal) if self.want is None else b""
            self._passing = False
            if fragment.first:
                self._gathered = bytearray()
        if self._gathered is None:
            return b""  # the rest of the response that brought it
        self._gathered += fragment.octets
        if len(self._gathered) > GATHERED:
            raise Broken("a response that is too long")
        if isinstance(fragment, Line) and fragment.last:
            raw, self._gathered = bytes(self._gathered), None
            return self._whole(raw)
        return b""

    def _pass(self, octets: bytes | memoryview) -> bytes | memoryview:
        if self.want is None:
            return octets
        piece = octets[: self.want]
        self.want -= len(piece)
        return piece

    def _whole(self, raw: bytes) -> bytes:
        """A response without a literal of ours: the item may be a quoted string in it, or NIL."""
        head = HEAD.match(raw)
        try:
            told = items(raw, head.end()) if head else []
        except Malformed as fault:
            raise Broken(str(fault)) from None
        for item in told:
            if (
                not self.begun
                and ORIGIN.sub(b"", item.name).upper() == self._label
                and not isinstance(item.value, list)
            ):
                self.begun = True
                octets = item.value or b""
                return self._told(len(octets)) + octets if self.want is None else bytes(self._pass(octets))
        self.others.append(raw)
        return b""

    def _told(self, size: int) -> bytes:
        """The name of the item was said by whoever asked; here follows its size."""
        return b"{%d}\r\n" % size
