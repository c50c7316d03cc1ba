"""What processes cost, read from /proc: CPU seconds and resident memory of a process with all of its descendants.

The kernel rounds CPU times to its tick (10 ms), so what is measured should burn a few hundred milliseconds.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")
PAGE_KIB = os.sysconf("SC_PAGE_SIZE") / 1024


class Stat(NamedTuple):
    """One process: its parent, and its CPU seconds with those of children that it has waited for."""

    parent: int
    seconds: float
    resident: float


def read_stat(text: str) -> Stat:
    """Return what one line of /proc/PID/stat says (proc(5)); ``resident`` in KiB."""
    # The name in brackets may hold blanks and brackets of its own.
    fields = text.rpartition(")")[2].split()
    ticks = sum(int(fields[place]) for place in (11, 12, 13, 14))
    return Stat(int(fields[1]), ticks / TICKS, int(fields[21]) * PAGE_KIB)


def processes() -> dict[int, Stat]:
    """Return every process of this machine."""
    found = {}
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            try:
                found[int(entry.name)] = read_stat((entry / "stat").read_text(encoding="utf-8", errors="replace"))
            except OSError:
                continue  # it ended meanwhile
    return found


def family(pid: int, everybody: dict[int, Stat]) -> list[int]:
    """Return ``pid`` and all of its descendants that live."""
    members = [pid] if pid in everybody else []
    for parent in members:
        members += [child for child, stat in everybody.items() if stat.parent == parent and child != parent]
    return members


def cpu_seconds(pids: Iterable[int]) -> float:
    """Return the CPU seconds, user and system, that these processes and their descendants have used so far."""
    everybody = processes()
    return sum(everybody[member].seconds for pid in pids for member in family(pid, everybody))


def resident_kib(pids: Iterable[int]) -> float:
    """Return the resident memory of these processes and their descendants, in KiB."""
    everybody = processes()
    return sum(everybody[member].resident for pid in pids for member in family(pid, everybody))
