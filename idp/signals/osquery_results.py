"""What the rows of the shipped osquery pack (deploy/osquery/gatepost.conf) mean as signals. Pure.

Values come as text, whatever their type. No row, or one that we cannot read, says nothing: unknown is not true.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

PREFIX: Final = "gatepost_"
MOST_ROWS: Final = 64
LONGEST: Final = 64

Signals = dict[str, bool | str]
Row = Mapping[str, Any]


def signals_of(query: str, rows: Any) -> Signals:
    """Return what the rows of one query of the pack say; nothing for any other query."""
    reader = _READERS.get(query)
    if reader is None or not isinstance(rows, list) or not 0 < len(rows) <= MOST_ROWS:
        return {}
    return reader([row for row in rows if isinstance(row, dict)])


def results_in(data: Any) -> Signals:
    """Return what the entries of a log (``log_type`` ``result``, snapshots) say; later ones come after earlier."""
    found: Signals = {}
    for entry in data if isinstance(data, list) else ():
        if isinstance(entry, dict) and isinstance(entry.get("name"), str) and entry.get("action") == "snapshot":
            found |= signals_of(entry["name"], entry.get("snapshot"))
    return found


def _disk(rows: Sequence[Row]) -> Signals:
    """Every part of the system's disk is encrypted; none found says nothing."""
    found, encrypted = (_number(rows[0].get(name)) if rows else None for name in ("found", "encrypted"))
    return {"disk_encrypted": encrypted == found} if found and encrypted is not None else {}


def _flag(signal: str) -> Callable[[Sequence[Row]], Signals]:
    def read(rows: Sequence[Row]) -> Signals:
        said = [_number(row.get("enabled")) for row in rows]
        return {signal: all(each == 1 for each in said)} if said and None not in said else {}

    return read


def _security(rows: Sequence[Row]) -> Signals:
    """Windows says Good, Poor, Snoozed or Not Monitored of each; Good alone is good."""
    names = {"firewall": "firewall", "antivirus": "antivirus", "autoupdate": "auto_update"}
    said = rows[0] if rows else {}
    return {signal: said[name] == "Good" for name, signal in names.items() if isinstance(said.get(name), str)}


def _version(rows: Sequence[Row]) -> Signals:
    parts = [_number(rows[0].get(name)) if rows else None for name in ("major", "minor", "patch")]
    if not parts[0]:
        return {}
    return {"os_version": ".".join(str(each or 0) for each in parts)}


def _number(value: Any) -> int | None:
    text = str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


_READERS: Final[Mapping[str, Callable[[Sequence[Row]], Signals]]] = {
    **{f"{PREFIX}disk_{platform}": _disk for platform in ("linux", "darwin", "windows")},
    f"{PREFIX}firewall_darwin": _flag("firewall"),
    f"{PREFIX}security_windows": _security,
    f"{PREFIX}screen_lock_darwin": _flag("screen_lock"),
    f"{PREFIX}secure_boot": _flag("secure_boot"),
    f"{PREFIX}os_version": _version,
}
