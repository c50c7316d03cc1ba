"""One running demo, driven from outside: started as a person would, known by its ``demo.json`` alone."""

import contextlib
import json
import os
import queue
import select
import signal
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from idp.accounts import totp

ROOT = Path(__file__).parents[2]
READY = " is up."
LONGEST_START = 60.0
LONGEST_STOP = 30.0
LONGEST_COMMAND = 30.0


@dataclass(frozen=True)
class Person:
    """One user as ``demo.json`` shows them."""

    facts: dict[str, Any]

    @property
    def name(self) -> str:
        return str(self.facts["name"])

    @property
    def email(self) -> str:
        return str(self.facts["email"])

    @property
    def password(self) -> str:
        return str(self.facts["password"])

    @property
    def laptop(self) -> dict[str, str]:
        return dict(self.facts["devices"][0])

    def app_password(self, service: str) -> str:
        """Return the app password of the laptop for a service."""
        return next(str(each["secret"]) for each in self.facts["app_passwords"] if service in each["services"])


@dataclass
class Demo:
    """A demo in ``directory``, or the lab. ``start`` it before use; ``stop`` it after."""

    directory: Path
    lab: bool = False
    process: subprocess.Popen[str] | None = None
    said: list[str] = field(default_factory=list)
    _lines: "queue.Queue[str | None]" = field(default_factory=queue.Queue)
    _steps: dict[str, int] = field(default_factory=dict)

    def start(self) -> float:
        """Start it and wait until it says that it is up; return how many seconds that took."""
        began = time.monotonic()
        self._lines = queue.Queue()
        argv = [sys.executable, "-m", "gatepost", "demo", "--directory", str(self.directory)]
        argv += ["--lab"] if self.lab else []
        self.process = subprocess.Popen(
            argv, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
        )
        threading.Thread(target=self._listen, args=(self.process, self._lines), daemon=True).start()
        self.hears(READY, seconds=LONGEST_START)
        return time.monotonic() - began

    def _listen(self, process: subprocess.Popen[str], lines: "queue.Queue[str | None]") -> None:
        assert process.stdout is not None
        for line in process.stdout:
            self.said.append(line.rstrip())
            lines.put(line)
        lines.put(None)

    def hears(self, *words: str, seconds: float) -> None:
        """Wait until the demo has printed a line with each of ``words``, in whatever order."""
        until = time.monotonic() + seconds
        missing = set(words)
        while missing and (left := until - time.monotonic()) > 0:
            with contextlib.suppress(queue.Empty):
                line = self._lines.get(timeout=left)
                if line is None:
                    break
                missing -= {each for each in missing if each in line}
        assert not missing, f"the demo never said {missing}:\n" + "\n".join(self.said[-30:])

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def stop(self, number: signal.Signals = signal.SIGINT) -> float:
        """Send a signal, as Ctrl-C does, and wait for the end; return how many seconds that took."""
        assert self.process is not None
        began = time.monotonic()
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            self.process.wait(LONGEST_STOP)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        return time.monotonic() - began

    @property
    def facts(self) -> dict[str, Any]:
        read: dict[str, Any] = json.loads((self.directory / "demo.json").read_text(encoding="utf-8"))
        return read

    def path(self, relative: str) -> Path:
        """Return where a path of ``demo.json`` leads: it is counted from the file."""
        return Path(os.path.normpath(self.directory / relative))

    @property
    def issuer(self) -> str:
        return str(self.facts["issuer"])

    @property
    def webmail(self) -> str:
        return str(self.facts["webmail"])

    @property
    def ca(self) -> Path:
        return self.path(self.facts["ca"])

    def trust(self) -> ssl.SSLContext:
        """Return a TLS context that believes in the demo's CA alone."""
        return ssl.create_default_context(cafile=str(self.ca))

    def port(self, listener: str) -> int:
        return int(self.facts[listener]["port"])

    def person(self, name: str) -> Person:
        return Person(next(user for user in self.facts["users"] if user["name"] == name))

    def gatepost(self, *words: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run the ``command`` of ``demo.json`` from some other directory."""
        argv = [str(self.path(word)) if word.startswith(".") else word for word in self.facts["command"]]
        return subprocess.run(
            [*argv, *words], cwd="/", input=text, capture_output=True, text=True, timeout=LONGEST_COMMAND, check=False
        )

    def orders(self, *words: str, text: str | None = None) -> Any:
        """Run a command that must succeed, and return its answer as it prints it with ``--json``."""
        done = self.gatepost(*words, "--json", text=text)
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)

    def code(self, person: Person) -> str:
        """Return a TOTP code that was not used yet. The gate takes one step either way, so this rarely waits."""
        present = totp.step_at(time.time())
        step = max(self._steps.get(person.name, present - 1) + 1, present)
        if step > present + totp.WINDOW:  # nothing but time brings the next code
            time.sleep((step - totp.WINDOW) * totp.STEP_SECONDS - time.time() + 0.1)
        self._steps[person.name] = step
        return totp.code_at(person.facts["totp_secret"], step)

    def processes(self) -> dict[int, str]:
        """Return every process that the demo runs now, however deep: pid -> command line."""
        parents = dict(_parents())
        family = {self.pid}
        for _ in range(8):
            family |= {pid for pid, parent in parents.items() if parent in family}
        return {pid: command_line(pid) for pid in family}

    def role(self, words: str) -> int:
        """Return the pid of the one process with ``words`` in its command line."""
        found = [pid for pid, line in self.processes().items() if words in line]
        assert len(found) == 1, found
        return found[0]


def _parents() -> Iterator[tuple[int, int]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                after_name = (entry / "stat").read_text().rpartition(")")[2].split()
                yield int(entry.name), int(after_name[1])


def command_line(pid: int) -> str:
    """Return a process's command line; empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return ""


def gone(pid: int, seconds: float) -> bool:
    """Wait until a process has ended, whoever its parent is; False when it still runs after ``seconds``."""
    try:
        watched = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        ready, _, _ = select.select([watched], [], [], seconds)
        return bool(ready)
    finally:
        os.close(watched)
