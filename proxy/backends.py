"""Which backend serves a session: ``kernel.config.choosing``, kept ready for every protocol, with the lookup table's
file read again when it changes. A table with faults is told, and leaves the one before in force."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from kernel.authority import Subject
from kernel.config.choosing import LARGEST, Choice, Choices, Table, read_table
from kernel.config.settings import Settings
from kernel.problems import Refused
from proxy.gateways.table import GATEWAYS

Stamp = tuple[int, int, int]


class Backends:
    """The choice, for one process. ``tell`` hears what is wrong with the table's file."""

    def __init__(self, settings: Settings, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._stamp: Stamp | None = None
        self._choices: dict[str, Choices] = {}
        self._table: Table = {}
        self.adopt(settings)

    def choose(self, subject: Subject, service: str) -> Choice | None:
        """Return the backend of a subject, and where it speaks ``service``."""
        return self._choices[service].of(subject.user)

    def adopt(self, settings: Settings) -> None:
        """Choose by other settings, and by the table as it is now."""
        self._backends, self._path = settings.backends, settings.mailboxes.lookup
        self._put(self._table if self._path is not None else {})
        if self._path is not None:
            self._stamp = _stamp(self._path)
            self._try(self._path)

    async def look(self) -> None:
        """Read the table again if its file has changed."""
        path = self._path
        if path is not None and (stamp := _stamp(path)) != self._stamp:
            self._stamp = stamp
            await asyncio.to_thread(self._try, path)

    def _try(self, path: Path) -> None:
        try:
            self._put(load_table(path, [each.name for each in self._backends]))
        except Refused as refused:
            self._tell(str(refused))

    def _put(self, table: Table) -> None:
        self._table = table
        self._choices = {service: Choices(self._backends, service, table) for service in GATEWAYS}


def load_table(path: Path, names: list[str]) -> Table:
    """Read a lookup table's file. Raises Refused: it cannot be read, is larger than 32 MiB, or has faults (Invalid)."""
    try:
        if path.stat().st_size > LARGEST:
            raise Refused(f"{path} is larger than {LARGEST} bytes")
        return read_table(path.read_text("utf-8"), path.name, names)
    except (OSError, UnicodeDecodeError) as fault:
        raise Refused(f"{path} cannot be read: {type(fault).__name__}") from fault


def _stamp(path: Path) -> Stamp | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
