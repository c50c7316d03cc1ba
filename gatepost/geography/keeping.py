"""Keeps a copy of every source beside our sockets, as it was when it was put in force: the roles open those.

::

    file of the operator --good--> copied, every role opens the copy     --no good--> said, the earlier copy stays

So a file that is written over while we run harms nobody, all roles read the same one, and a role that is started again
does too. Who runs a role alone, unsupervised, reads the operator's files themselves.
"""

import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from gatepost.geography import database, listing
from gatepost.geography.atlas import Atlas
from gatepost.geography.database import Database
from gatepost.geography.listing import Listing
from kernel.config.settings import GeographySettings, Settings
from kernel.geography import Geography, Nowhere
from kernel.problems import Refused

Say = Callable[[str], None]


class Opened(Protocol):
    """A source that could be read."""

    @property
    def built_at(self) -> float:
        """When it was made (seconds since 1970)."""
        ...


@dataclass(frozen=True, slots=True)
class Source:
    """One key of ``[geography]``: how its file is opened, and what a copy of it is called."""

    key: str
    opener: Callable[[Path], Opened]
    suffix: str

    def path(self, settings: GeographySettings) -> Path | None:
        """Return the operator's file, None when none is configured."""
        found: Path | None = getattr(settings, self.key)
        return found

    def kept(self, settings: Settings) -> Path:
        """Return where the copy in force lies."""
        return settings.admin_socket.parent / f"{self.key}{self.suffix}"


SOURCES = (
    Source("country", Database.open, database.SUFFIX),
    Source("asn", Database.open, database.SUFFIX),
    Source("anonymous", Database.open, database.SUFFIX),
    Source("anonymous_list", Listing.open, listing.SUFFIX),
)


def keep(settings: Settings, say: Say) -> None:
    """Copy every configured file that has changed and is good; remove the copies of what is configured no more."""
    for source in SOURCES:
        path, kept = source.path(settings.geography), source.kept(settings)
        if path is None:
            kept.unlink(missing_ok=True)
            continue
        try:
            _keep(source, path, kept)
        except (Refused, OSError) as trouble:
            say(f"geography: {trouble}; " + ("the earlier copy stays in force" if kept.exists() else "it is not used"))


def _keep(source: Source, path: Path, kept: Path) -> None:
    if kept.exists() and _stamp(kept) == _stamp(path):
        return
    kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = kept.with_suffix(".new")
    shutil.copy2(path, fresh)
    try:
        source.opener(fresh)
    except Refused as refused:
        raise Refused(str(refused).replace(str(fresh), str(path))) from refused
    else:
        fresh.replace(kept)
    finally:
        fresh.unlink(missing_ok=True)


def stamps(settings: Settings) -> Mapping[str, tuple[int, int]]:
    """Return what tells the copies in force from other ones."""
    kept = ((source.key, source.kept(settings)) for source in SOURCES)
    return {key: _stamp(path) for key, path in kept if path.exists()}


def open_geography(settings: Settings, *, supervised: bool, say: Say) -> Geography:
    """Open the copies in force, or the operator's own files where no supervisor keeps any.

    What cannot be opened is said, and unknown: nobody is let in by it.
    """
    wanted = dict(_wanted(settings, supervised))
    if not wanted:
        return Nowhere()
    found: dict[str, Opened] = {}
    for source in SOURCES:
        if source.key in wanted:
            try:
                found[source.key] = source.opener(wanted[source.key])
            except Refused as refused:
                say(f"geography: {refused}; it is not used")
    hidden = {"anonymous", "anonymous_list"} & wanted.keys()
    return Atlas(**found, unread=not hidden <= found.keys())  # type: ignore[arg-type]


def _wanted(settings: Settings, supervised: bool) -> Iterator[tuple[str, Path]]:
    for source in SOURCES:
        path = source.path(settings.geography)
        if path is not None:
            yield source.key, source.kept(settings) if supervised else path


def _stamp(path: Path) -> tuple[int, int]:
    about = path.stat()
    return about.st_size, about.st_mtime_ns
