"""Opens connections to the file with the settings that our promises rest on, and translates SQLite's errors once.

WAL lets readers never wait for the writer; ``synchronous=FULL`` makes COMMIT mean "on the disk".
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kernel.problems import Conflict, Unavailable

STATEMENTS = 256
"""Prepared statements kept per connection."""


def connect(path: Path, patience: float, *, reading: bool = False) -> sqlite3.Connection:
    """Return a connection in autocommit mode. ``patience``: seconds to wait for another process's lock.

    Raises:
        Unavailable: the file cannot be opened.
    """
    with translated():
        connection = sqlite3.connect(
            path, timeout=patience, isolation_level=None, check_same_thread=False, cached_statements=STATEMENTS
        )
        connection.execute("PRAGMA journal_mode = WAL").fetchone()
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
        if reading:
            connection.execute("PRAGMA query_only = ON")
    return connection


@contextmanager
def translated() -> Iterator[None]:
    """Turn SQLite's errors into ours.

    Raises:
        Conflict: a key or unique value is taken.
        Unavailable: everything else; the message has SQLite's own words, which hold no data.
    """
    try:
        yield
    except sqlite3.IntegrityError as error:
        raise Conflict(f"this value is already taken ({error})") from error
    except sqlite3.Error as error:
        raise Unavailable(f"the store cannot be used: {error}") from error
