"""One MaxMind DB file, opened: a record for an address. The reader maps the file, so open a copy that nobody else
writes (``keeping``): a file that shrinks under a map kills the process.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from gatepost.geography.records import Record
from kernel.problems import Refused

if TYPE_CHECKING:
    from maxminddb import Reader

NOTHING: Record = {}
SUFFIX = ".mmdb"
WITH_SPOTS = ("city", "enterprise", "location")
"""Words in the name of a database, whoever makes it, that has coordinates."""


class Database:
    """An open database. ``built_at`` is when its maker built it (seconds since 1970), ``kind`` what they call it."""

    def __init__(self, reader: "Reader") -> None:
        about = reader.metadata()
        self._reader = reader
        self.kind, self.built_at = about.database_type, float(about.build_epoch)

    @property
    def has_spots(self) -> bool:
        """Whether records have coordinates, by what the maker calls the database."""
        return any(word in self.kind.lower() for word in WITH_SPOTS)

    @classmethod
    def open(cls, path: Path) -> "Database":
        """Open a file and try it.

        Raises:
            Refused: it cannot be read, or is no such database.
        """
        from maxminddb import InvalidDatabaseError, open_database  # here: who configures none does not load it

        try:
            database = cls(open_database(path))
            database._reader.get("192.0.2.1")
        except OSError as error:
            raise Refused(f"{path} cannot be read: {error.strerror or error}") from error
        except (InvalidDatabaseError, ValueError, TypeError) as error:
            raise Refused(f"{path} is no MaxMind DB file, or is damaged") from error
        return database

    def record(self, address: str) -> Record | None:
        """Return what the file says about an address: nothing when it has none, None when it cannot be read there."""
        from maxminddb import InvalidDatabaseError

        try:
            found = self._reader.get(address)
        except (InvalidDatabaseError, ValueError):  # damaged; or an IPv6 address in a file of IPv4 alone
            return None
        return found if isinstance(found, Mapping) else NOTHING

    def close(self) -> None:
        """Give the file back."""
        self._reader.close()
