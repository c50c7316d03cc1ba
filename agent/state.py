"""What the agent keeps between two runs: a private directory with key, certificate, and one small JSON file.

The counter is on the disk before the report that carries it leaves, so that no counter is ever used twice.
"""

import contextlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any


class NotEnrolled(Exception):
    """There is no enrolment in this directory."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Where to report and as whom. ``keeper`` is ``file`` or ``tpm``; ``every`` is in seconds; ``trust``,
    ``counted_at`` and ``trouble`` tell how the last report went. ``mail``: whose mail, and where the servers are."""

    server: str
    device: str
    keeper: str
    every: float = 300.0
    counter: int = 0
    trust: str = ""
    counted_at: float = 0.0
    trouble: str = ""
    mail: Mapping[str, Any] = field(default_factory=dict)


class State:
    """One directory, mode 0700."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    @property
    def key(self) -> Path:
        return self.directory / "device.key"

    @property
    def certificate(self) -> Path:
        """The device's certificate with its issuer, PEM."""
        return self.directory / "device.pem"

    @property
    def authority(self) -> Path:
        """What the server's own certificate is verified with, PEM; absent: the system's authorities."""
        return self.directory / "server-ca.pem"

    def facts(self) -> Facts:
        """Return what is kept.

        Raises:
            NotEnrolled: nothing is, or nothing that can be read.
        """
        try:
            return Facts(**json.loads((self.directory / "agent.json").read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            raise NotEnrolled(f"{self.directory} holds no enrolment; run `gatepost-agent enrol`") from None

    def keep(self, facts: Facts) -> None:
        """Put facts in place of those kept before, whole, and on the disk."""
        self.write(self.directory / "agent.json", json.dumps(asdict(facts), indent=1))

    def change(self, **changes: object) -> Facts:
        """Change some of the facts kept, and return them."""
        facts = replace(self.facts(), **changes)  # type: ignore[arg-type]  # the names are Facts' own
        self.keep(facts)
        return facts

    def next_counter(self) -> int:
        """Return a number greater than any that a report has carried; it is on the disk already."""
        return self.change(counter=self.facts().counter + 1).counter

    def write(self, path: Path, text: str) -> None:
        """Write a private file in one step: a reader, or a crash, finds the old one or the new."""
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        beside = path.with_name(f".{path.name}.new")
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        finally:
            with contextlib.suppress(FileNotFoundError):
                beside.unlink()
