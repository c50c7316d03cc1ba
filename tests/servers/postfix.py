"""A real Postfix with its own queue on a loopback high port, on the lab's templates: XCLIENT in, LMTP out."""

import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from tests.servers.processes import LAB, free_port, render, root, stop, wait_for_port

BINARY = shutil.which("postfix", path="/usr/sbin:/usr/bin")


@dataclass
class Postfix:
    """Runs in ``base`` (see ``open_folder``). Needs root: Postfix changes users for every program of its own."""

    base: Path
    lmtp_port: int
    sasl_socket: Path
    domain: str = "example.org"
    submission_port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        return self.base / "postfix.log"

    def start(self) -> "Postfix":
        """Start, and wait until it greets."""
        if BINARY is None or not root():
            raise RuntimeError("postfix is not installed, or we are not root")
        config = self.base / "etc"
        for name in ("etc", "queue", "data"):
            (self.base / name).mkdir(exist_ok=True)
        shutil.chown(self.base / "data", "postfix")
        values = {
            "base": self.base,
            "domain": self.domain,
            "lmtp_port": self.lmtp_port,
            "sasl_path": self.sasl_socket,
            "submission_port": self.submission_port,
        }
        for name in ("main.cf", "master.cf"):
            render(LAB / "postfix" / f"{name}.template", config / name, **values)
        self.process = subprocess.Popen(
            [BINARY, "-c", str(config), "start-fg"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        wait_for_port(self.submission_port, self.process, self.log)
        return self

    def stop(self) -> None:
        """End it; its children end with it."""
        if self.process is not None:
            subprocess.run(
                [str(BINARY), "-c", str(self.base / "etc"), "stop"], check=False, capture_output=True, timeout=20
            )
            stop(self.process)
            self.process = None
