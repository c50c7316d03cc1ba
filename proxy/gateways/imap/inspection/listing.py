"""What a server tells of mailboxes, without those that a session may not see. Pure.

A mailbox that only leads to one that may be seen is shown as that, and nothing more is told of it: programs walk down a
tree level by level.
"""

from collections.abc import Callable, Mapping

from proxy.gateways.imap.inspection.mailboxes import Mailboxes, Sight
from proxy.gateways.imap.inspection.values import Malformed, Value, values

Filter = Callable[[bytes, Mailboxes], bytes]


def _listed(raw: bytes, seen: Mailboxes) -> bytes:
    """LIST, LSUB and XLIST. The empty name stands for the root, and is how a delimiter is asked for."""
    word = raw.split(b" ", 2)[1]
    flags, delimiter, name = values(raw, len(word) + 2)[:3]
    if not isinstance(flags, list) or not isinstance(name, bytes):
        return b""
    sight = seen.sight(name)
    if sight is Sight.OPEN or name == b"":
        return raw
    if sight is Sight.HIDDEN:
        return b""
    return b"* %b (\\NoSelect \\HasChildren) %b %b\r\n" % (word, written(delimiter), written(name))


def _about(raw: bytes, seen: Mailboxes) -> bytes:
    """STATUS and all others that begin with the name of a mailbox; METADATA of the server has an empty one."""
    word = raw.split(b" ", 2)[1]
    name = values(raw, len(word) + 2)[0]
    return raw if isinstance(name, bytes) and (seen.open(name) or name == b"") else b""


def _namespaces(raw: bytes, seen: Mailboxes) -> bytes:
    """RFC 2342: personal, other users', shared; each a list of prefixes, or NIL."""
    kinds: list[Value] = []
    for kind in values(raw, len(b"* NAMESPACE")):
        spaces = [one for one in kind or () if isinstance(one, list) and _leads(one, seen)]
        kinds.append(list(spaces) or None)
    return b"* NAMESPACE %b\r\n" % b" ".join(written(kind) for kind in kinds)


def _leads(space: list[Value], seen: Mailboxes) -> bool:
    prefix = space[0] if space else None
    return isinstance(prefix, bytes) and seen.leads(prefix)


FILTERS: Mapping[bytes, Filter] = {
    b"LIST": _listed,
    b"LSUB": _listed,
    b"XLIST": _listed,
    b"NAMESPACE": _namespaces,
    b"STATUS": _about,
    b"METADATA": _about,
    b"ACL": _about,
    b"LISTRIGHTS": _about,
    b"MYRIGHTS": _about,
    b"QUOTAROOT": _about,
}
"""Responses that name mailboxes; each is told whole, with its CR LF and its literals."""


def shown(word: bytes, raw: bytes, seen: Mailboxes) -> bytes:
    """Return what a client may hear of a response; nothing of one that cannot be understood."""
    try:
        return FILTERS[word](raw, seen)
    except (Malformed, ValueError, IndexError):
        return b""


def written(one: Value) -> bytes:
    """Return a value as a response holds it."""
    if one is None:
        return b"NIL"
    if isinstance(one, list):
        return b"(%b)" % b" ".join(written(each) for each in one)
    if any(octet in one for octet in b"\r\n\0") or not one.isascii():
        return b"{%d}\r\n%b" % (len(one), one)
    return b'"%b"' % one.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
