"""Walks the audit chain from its first entry to its head and names the first place where it was tampered with."""

import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from kernel.audit import GENESIS, Entry, link
from kernel.problems import Unavailable
from store.sqlite.connect import connect, translated
from store.sqlite.headfile import HeadFile, head_path
from store.sqlite.writing import seal

LISTED = ("at", "kind", "user", "user_id", "device_id", "reference")
"""Columns that stand beside an entry's body for searching; they must say what the body says."""


@dataclass(frozen=True, slots=True)
class AuditVerdict:
    """How many entries hold, counted from the first, and what is wrong with the next (``""``: nothing)."""

    entries: int
    fault: str = ""


class _Broken(Exception):
    pass


def verify_audit(path: Path | str, audit_key: bytes) -> AuditVerdict:
    """Check every entry and the head, against the key, in one consistent view; the store may be in use meanwhile.

    Raises:
        Unavailable: there is no such store, or it cannot be read.
    """
    path = Path(path)
    if not path.is_file():
        raise Unavailable(f"there is no store at {path}")
    try:
        kept = _kept(HeadFile(head_path(path)), audit_key)
    except (ValueError, OSError) as error:
        return AuditVerdict(0, f"the head kept beside the database cannot be read: {error}")
    connection = connect(path, 5.0, reading=True)
    try:
        with translated():
            connection.execute("BEGIN")
            return _Walk(connection, audit_key, kept).verdict()
    finally:
        connection.close()


def _kept(file: HeadFile, key: bytes) -> tuple[int, str, str] | None:
    """Read the head file; once more if it was being written at that moment."""
    for _ in range(3):
        kept = file.kept()
        if kept is None or seal(key, kept[0], kept[1]) == kept[2]:
            return kept
    return kept


class _Walk:
    def __init__(self, connection: sqlite3.Connection, key: bytes, kept: tuple[int, str, str] | None) -> None:
        self._connection = connection
        self._key = key
        self._kept = kept
        self._good = 0
        self._hash = GENESIS

    def verdict(self) -> AuditVerdict:
        try:
            self._kept_sealed()
            self._entries()
            self._head()
        except _Broken as broken:
            return AuditVerdict(self._good, str(broken))
        except (sqlite3.Error, ValueError) as error:
            return AuditVerdict(self._good, f"entry {self._good + 1}, or the file around it, is damaged: {error}")
        return AuditVerdict(self._good)

    def _entries(self) -> None:
        columns = ", ".join(("number", "kind", "body", "hash", *LISTED))
        for row in self._connection.execute(f"SELECT {columns} FROM audit ORDER BY number"):  # noqa: S608
            self._entry(Entry(*row[:4]), row[4:])

    def _entry(self, entry: Entry, listed: tuple[object, ...]) -> None:
        due = self._good + 1
        if entry.number != due:
            raise _Broken(f"entry {due} is missing: the next one is {entry.number}")
        if link(self._key, self._hash, entry.number, entry.body) != entry.hash:
            raise _Broken(f"entry {due} was changed, or stands in the wrong place: its hash does not fit")
        fields = json.loads(entry.body)
        if tuple(fields[name] for name in LISTED) != listed:
            raise _Broken(f"entry {due} was changed: its columns do not say what its body says")
        if self._kept and self._kept[0] == due and self._kept[1] != entry.hash:
            raise _Broken(f"entry {due} is not the one that the head kept beside the database names")
        self._good, self._hash = due, entry.hash

    def _kept_sealed(self) -> None:
        if self._kept and seal(self._key, self._kept[0], self._kept[1]) != self._kept[2]:
            raise _Broken("the head kept beside the database is not sealed by this key")

    def _head(self) -> None:
        row = self._connection.execute("SELECT number, hash, seal FROM audit_head").fetchone()
        number, text, sealed = row or (0, GENESIS, "")
        if row and seal(self._key, number, text) != sealed:
            raise _Broken("the head of the chain was changed: its seal does not fit")
        due = max(number, self._kept[0] if self._kept else 0)
        if due > self._good:
            raise _Broken(f"entries {self._good + 1} to {due} are missing: the tail was cut")
        if number != self._good or text != self._hash:
            raise _Broken(f"entry {self._good} is not the head of the chain, which names entry {number}")
