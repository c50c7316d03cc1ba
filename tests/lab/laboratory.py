"""A lab for tests: ``gatepost demo --lab`` in a folder of its own on free ports; started, asked, ended by Ctrl-C."""

import json
import os
import selectors
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from gatepost.demo.plan import WISHES
from tests.servers.processes import free_port

START_SECONDS = 90
END_SECONDS = 40
UP = "Gatepost lab is up"


class Laboratory:
    """One lab in ``folder``. ``said`` is what it printed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.said = ""
        ports = {name: free_port() for name in WISHES}
        (folder / "plan.json").write_text(json.dumps({"lab": True, "ports": ports}))
        self.ports = ports
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Laboratory":
        """Start it, and wait until it shows its table."""
        argv = [sys.executable, "-m", "gatepost", "demo", "--lab", "--directory", str(self.folder)]
        self.process = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
        )
        os.set_blocking(self._out(), False)
        until = time.monotonic() + START_SECONDS
        with selectors.DefaultSelector() as selector:
            selector.register(self._out(), selectors.EVENT_READ)
            while UP not in self.said:
                if time.monotonic() > until or self.process.poll() is not None:
                    raise RuntimeError(f"the lab did not start:\n{self.said}\n{self.logs()}")
                if selector.select(1):
                    self.said += os.read(self._out(), 65536).decode()
        return self

    def _out(self) -> int:
        assert self.process is not None
        assert self.process.stdout is not None
        return self.process.stdout.fileno()

    @property
    def facts(self) -> dict[str, Any]:
        """``demo.json``."""
        return json.loads((self.folder / "demo.json").read_text())  # type: ignore[no-any-return]

    def person(self, name: str) -> dict[str, Any]:
        return next(user for user in self.facts["users"] if user["name"] == name)

    def app_password(self, name: str, service: str) -> str:
        secrets = (each["secret"] for each in self.person(name)["app_passwords"] if service in each["services"])
        return str(next(secrets))

    def command(self, *words: str) -> dict[str, Any]:
        """Run ``gatepost`` on this lab, by the words of its demo.json, and return its answer."""
        done = subprocess.run(
            [*self.facts["command"], *words, "--json"],
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)  # type: ignore[no-any-return]

    def log(self, server: str, name: str) -> str:
        path = self.folder / "servers" / server / name
        return path.read_text(errors="replace") if path.exists() else ""

    def logs(self) -> str:
        """The ends of the servers' logs, for whoever reads a failure."""
        names = (("dovecot", "dovecot.log"), ("postfix", "postfix.log"), ("roundcube", "logs/errors.log"))
        return "\n".join(f"--- {server}\n{self.log(server, name)[-3000:]}" for server, name in names)

    def end(self) -> int:
        """End it by Ctrl-C; return its exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            rest, _ = self.process.communicate(timeout=END_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            rest, _ = self.process.communicate(timeout=5)
        self.said += rest.decode()
        return self.process.returncode

    def survivors(self) -> list[str]:
        """Return the processes that still run in this lab's folder, or name it."""
        found = []
        mark = str(self.folder).encode()
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                line, environment = (entry / "cmdline").read_bytes(), (entry / "environ").read_bytes()
                place = os.readlink(entry / "cwd")
            except OSError:
                continue  # it ended meanwhile, or has no such thing
            if mark in line or mark in environment or str(self.folder) in place:
                found.append(f"{entry.name} {line.replace(bytes(1), b' ').decode()[:200]}")
        return found
