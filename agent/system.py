"""The machine as the probes see it: files that may be read, commands that may be run. Bounded in bytes and seconds."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

SECONDS = 10.0
MOST_OCTETS = 1 << 20


class System(Protocol):
    """What a probe may ask of the machine; None is the answer to whatever cannot be known."""

    def read(self, path: str) -> str | None:
        """Return a file's text, None when it cannot be read."""
        ...

    def names(self, directory: str) -> tuple[str, ...]:
        """Return what is in a directory, nothing when it cannot be read."""
        ...

    def run(self, *words: str) -> tuple[int, str] | None:
        """Return a command's exit code and what it printed, None when there is no such command or it hangs."""
        ...


class Machine:
    """This machine."""

    def read(self, path: str) -> str | None:
        try:
            with Path(path).open("rb") as file:
                return file.read(MOST_OCTETS).decode("utf-8", "replace")
        except OSError:
            return None

    def names(self, directory: str) -> tuple[str, ...]:
        try:
            return tuple(sorted(each.name for each in Path(directory).iterdir()))
        except OSError:
            return ()

    def run(self, *words: str) -> tuple[int, str] | None:
        program = shutil.which(words[0]) or shutil.which(words[0], path="/usr/sbin:/sbin:/usr/bin:/bin")
        if program is None:
            return None
        return _ran([program, *words[1:]])


def _ran(words: Sequence[str]) -> tuple[int, str] | None:
    try:
        done = subprocess.run(
            words, stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS, check=False, env=_environment()
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.returncode, done.stdout[:MOST_OCTETS].decode("utf-8", "replace")


def _environment() -> dict[str, str]:
    """Return the environment of a probe: English, the system's own programs, and what Windows and desktops need."""
    kept = (
        "SYSTEMROOT",
        "DBUS_SESSION_BUS_ADDRESS",
        "XDG_RUNTIME_DIR",
        "HOME",
        *(("PATH",) if os.name == "nt" else ()),
    )
    fixed = {"LC_ALL": "C", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
    return fixed | {name: os.environ[name] for name in kept if name in os.environ}
