"""Which commands a session with limits may give. Pure: the same command under the same terms, the same verdict."""

import re
from typing import NamedTuple

from kernel.reasons import Reason
from proxy.gateways.imap.inspection import keys
from proxy.gateways.imap.inspection.mailboxes import Mailboxes
from proxy.gateways.imap.inspection.values import Malformed, value, values
from proxy.gateways.imap.inspection.verbs import BY_UID, VERBS, Look
from proxy.relays.gate import Terms

TAG = rb"([!#$&',\-./0-9:;<=>?@A-Z\[\]^_`a-z|~}]{1,64})"
HEAD = re.compile(TAG + rb" (?:(UID) )?([A-Za-z][A-Za-z0-9.\-]{0,31})(?=[ \r])", re.IGNORECASE)
CONTENT = re.compile(rb"[ (](?:BODY(?:\.PEEK)?\[|BINARY(?:\.PEEK)?\[|RFC822(?:\.TEXT|\.HEADER)?[ )\r])", re.IGNORECASE)
"""What of a FETCH brings more than facts about messages."""
LABELS = re.compile(rb"X-GM-LABELS", re.IGNORECASE)
BRINGS = re.compile(rb'(?: \([^()"\r\n]*\))?(?: "[^"\r\n]*")?(?: UTF8 \(| )~?\{\d{1,20}\+?\}\r\n\Z', re.IGNORECASE)
"""What stands before a message that APPEND brings as it is, and not by CATENATE from others."""
MORE = re.compile(rb'\)?(?:\r\n|(?: \([^()"\r\n]*\))?(?: "[^"\r\n]*")?(?: UTF8 \(| )~?\{\d{1,20}\+?\}\r\n)\Z', re.I)
"""What stands behind one: its end, or the next of several."""


class Head(NamedTuple):
    """How a command begins: its ``verb`` in upper case, where its arguments begin (with a blank, or CR LF)."""

    tag: bytes
    verb: bytes
    by_uid: bool
    end: int


def head_of(line: bytes) -> Head | None:
    """Return how a command begins; None: it is none."""
    found = HEAD.match(line)
    return None if found is None else Head(found[1], found[3].upper(), found[2] is not None, found.end())


class Judge:
    """Judges the commands of one session. ``mailboxes``: which may be seen; None: all."""

    __slots__ = ("_limits", "_terms", "free", "mailboxes")

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._limits = limits = terms.limits
        self.mailboxes = Mailboxes(limits.folders) if limits.folders else None
        withholding = limits.read_only or limits.attachments_block or bool(limits.folders)
        self.free = not withholding and limits.download is None
        """No limit is to be kept here: every command may pass, but for what would lead around the gate."""

    def refusal(self, head: Head, line: bytes) -> Reason | None:
        """Return why a command that begins so may not be given; None: nothing speaks against it so far."""
        if self.free:
            return None
        known = VERBS.get(head.verb)
        if known is None or (head.by_uid and head.verb not in BY_UID):
            return Reason.LIMITS
        if known.changes and self._limits.read_only:
            return Reason.READ_ONLY
        if self.mailboxes is not None and head.verb in (b"FETCH", b"STORE") and LABELS.search(line):
            return Reason.FOLDER
        allowance = self._terms.allowance
        if head.verb == b"FETCH" and allowance is not None and allowance.spent and CONTENT.search(line, head.end):
            return Reason.DOWNLOAD
        return None

    def examined(self, head: Head) -> bool:
        """Tell whether a mailbox is to be opened for reading alone."""
        return self._limits.read_only and head.verb == b"SELECT"

    def gathered(self, head: Head) -> bool:
        """Tell whether a command must be read to its end before it can be judged."""
        known = VERBS.get(head.verb)
        if known is None or self.free:
            return False
        named = self.mailboxes is not None and bool(known.names)
        return named or (self._limits.attachments_block and known.look in (Look.ITEMS, Look.KEYS, Look.MESSAGE))

    def fetched(self, head: Head) -> bool:
        """Tell whether what is fetched must be looked at."""
        return self._limits.attachments_block and head.verb == b"FETCH"

    def brings(self, head: Head) -> bool:
        """Tell whether what stands around a message must be looked at, and the message not."""
        return head.verb == b"APPEND" and self.gathered(head)

    def judged(self, head: Head, raw: bytes) -> Reason | None:
        """Return why a command that was read to its end, literals included, may not be given; None: it may. Of APPEND
        the message itself is not read."""
        try:
            if self.mailboxes is not None:
                reason = self._named(head, raw, self.mailboxes)
                if reason is not None:
                    return reason
            if self._limits.attachments_block:
                return self._looked_at(head, raw)
        except (Malformed, IndexError):
            return Reason.LIMITS
        return None

    def _named(self, head: Head, raw: bytes, mailboxes: Mailboxes) -> Reason | None:
        for place in VERBS[head.verb].names:
            name = _argument(raw, head.end, place)
            server = head.verb == b"GETMETADATA" and name == b""
            if not server and not mailboxes.open(name, made=head.verb in (b"CREATE", b"RENAME")):
                return Reason.FOLDER
        return None

    def _looked_at(self, head: Head, raw: bytes) -> Reason | None:
        look = VERBS[head.verb].look
        if look is Look.KEYS and not keys.harmless(head.verb, raw[head.end :]):
            return Reason.ATTACHMENT
        if look is Look.MESSAGE and not BRINGS.match(raw, value(raw, head.end)[1]):
            return Reason.LIMITS
        return None


def named(raw: bytes, at: int) -> bool:
    """Tell whether the first argument of a command is whole: something stands behind it."""
    try:
        return value(raw, at)[1] < len(raw)
    except Malformed:
        return False


def _argument(raw: bytes, at: int, place: int) -> bytes | None:
    """Return one argument; ``place`` -1: the first that is no list. APPEND ends in the mark of its message."""
    if place == 0:
        found = value(raw, at)[0]
    else:
        given = values(raw, at)
        found = next(one for one in given if not isinstance(one, list)) if place < 0 else given[place]
    return found if isinstance(found, bytes) else None
