"""The commands that a session with limits knows: what each does, and where its arguments name mailboxes. Pure.

What is not listed is refused, whatever the limits: nobody knows what it would do, or let see. Not listed, and never to
be: COMPRESS, NOTIFY, UNAUTHENTICATE, CONVERT, GENURLAUTH, URLFETCH, RESETKEY, ESEARCH, SETANNOTATION, X-anything.
"""

from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple


class Look(Enum):
    """What of a command must be looked at when the limits are such, beyond its verb."""

    NOTHING = "nothing"
    ITEMS = "items"
    """What it fetches."""
    KEYS = "keys"
    """What it searches for."""
    MESSAGE = "message"
    """What message it brings."""


class Verb(NamedTuple):
    """``changes``: it alters what the server keeps, or may. ``names``: which of its arguments are mailboxes, from 0;
    -1: the first that is no list."""

    changes: bool = False
    names: tuple[int, ...] = ()
    look: Look = Look.NOTHING


CHANGES = Verb(changes=True)
KEYS = Verb(look=Look.KEYS)

VERBS: Mapping[bytes, Verb] = {
    b"CAPABILITY": Verb(),
    b"CHECK": Verb(),
    b"CLOSE": Verb(),
    b"ENABLE": Verb(),
    b"ID": Verb(),
    b"IDLE": Verb(),
    b"LOGOUT": Verb(),
    b"NAMESPACE": Verb(),
    b"NOOP": Verb(),
    b"UNSELECT": Verb(),
    # Lists: what they show is looked at, not what they ask for.
    b"LIST": Verb(),
    b"LSUB": Verb(),
    b"XLIST": Verb(),
    b"GETQUOTA": Verb(),
    # One mailbox, looked at.
    b"EXAMINE": Verb(names=(0,)),
    b"SELECT": Verb(names=(0,)),
    b"STATUS": Verb(names=(0,)),
    b"GETACL": Verb(names=(0,)),
    b"LISTRIGHTS": Verb(names=(0,)),
    b"MYRIGHTS": Verb(names=(0,)),
    b"GETQUOTAROOT": Verb(names=(0,)),
    b"GETMETADATA": Verb(names=(-1,)),
    # Messages, looked at.
    b"FETCH": Verb(look=Look.ITEMS),
    b"SEARCH": KEYS,
    b"SORT": KEYS,
    b"THREAD": KEYS,
    # Whatever changes something.
    b"APPEND": Verb(changes=True, names=(0,), look=Look.MESSAGE),
    b"COPY": Verb(changes=True, names=(1,)),
    b"CREATE": Verb(changes=True, names=(0,)),
    b"DELETE": Verb(changes=True, names=(0,)),
    b"DELETEACL": Verb(changes=True, names=(0,)),
    b"EXPUNGE": CHANGES,
    b"MOVE": Verb(changes=True, names=(1,)),
    b"RENAME": Verb(changes=True, names=(0, 1)),
    b"SETACL": Verb(changes=True, names=(0,)),
    b"SETMETADATA": Verb(changes=True, names=(0,)),
    b"SETQUOTA": CHANGES,
    b"STORE": CHANGES,
    b"SUBSCRIBE": Verb(changes=True, names=(0,)),
    b"UNSUBSCRIBE": Verb(changes=True, names=(0,)),
}

BY_UID = frozenset((b"COPY", b"EXPUNGE", b"FETCH", b"MOVE", b"SEARCH", b"SORT", b"STORE", b"THREAD"))
"""What may stand behind UID."""

SPENT = frozenset((b"AUTHENTICATE", b"COMPRESS", b"LOGIN", b"STARTTLS", b"UNAUTHENTICATE"))
"""What would lead around the gate, or make it blind. Not even a session without limits may say it here."""

ENABLED = frozenset((b"CONDSTORE", b"IMAP4REV2", b"METADATA", b"METADATA-SERVER", b"QRESYNC", b"UTF8=ACCEPT"))
"""What ENABLE may turn on: extensions under which commands and responses still read as they are read here."""
