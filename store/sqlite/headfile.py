"""The audit chain's head a second time, in a small file beside the database: who restores an older database, or cuts
the chain's tail together with the head inside, is still seen.

It is written after each COMMIT without waiting for the disk, by every process that writes, so it may lag behind the
chain: it is a lower bound, never more.
"""

import os
from contextlib import suppress
from pathlib import Path

WIDTH = 160
"""Bytes of the file: number, hash and seal, separated by spaces, padded."""


class HeadFile:
    """Keeps ``number hash seal`` in one place of one file (mode 0600)."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor = -1

    def keep(self, number: int, text: str, seal: str) -> None:
        """Overwrite the file. A failure is let pass: what was committed stays so, and the next entry tries again."""
        with suppress(OSError):
            if self._descriptor < 0:
                self._descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
            os.pwrite(self._descriptor, f"{number} {text} {seal}".ljust(WIDTH - 1).encode() + b"\n", 0)

    def kept(self) -> tuple[int, str, str] | None:
        """Return number, hash and seal; None when there is no file.

        Raises:
            ValueError: the file is not what we write.
        """
        try:
            words = self.path.read_bytes()[:WIDTH].decode("ascii").split()
        except FileNotFoundError:
            return None
        if len(words) != 3 or not words[0].isdigit():
            raise ValueError("the head file is not one of ours")
        return int(words[0]), words[1], words[2]

    def close(self) -> None:
        """Let go of the file."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def head_path(database: Path) -> Path:
    """Return where the head of this database's chain is kept."""
    return database.with_name(database.name + "-head")
