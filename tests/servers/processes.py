"""What both mail servers need: free ports, a folder that their users can reach, and a wait for a port to answer."""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from string import Template

LAB = Path(__file__).parents[2] / "deploy" / "lab"


def free_port() -> int:
    """Return a port of 127.0.0.1 that is free now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


@contextlib.contextmanager
def open_folder(prefix: str) -> Iterator[Path]:
    """Lend a short-named folder that other users may enter (pytest's own is closed to them); remove it afterwards."""
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir="/tmp"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def render(template: Path, target: Path, **values: object) -> None:
    """Write a template of ``deploy/lab`` with its values."""
    target.write_text(Template(template.read_text()).substitute(values))


def wait_for_port(port: int, process: subprocess.Popen[bytes], log: Path, seconds: float = 15.0) -> None:
    """Wait until somebody listens.

    Raises:
        RuntimeError: nobody does in time, or the process ended; the end of its log is in the message.
    """
    until = time.monotonic() + seconds
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1) as probe:
            if probe.recv(1):
                return
        time.sleep(0.05)  # there is no event to wait for: the server is another process
    raise RuntimeError(f"nobody listens at {port}:\n{log.read_text()[-3000:] if log.exists() else 'no log'}")


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a server that we started, and everything that it started."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)


def root() -> bool:
    """Tell whether we may change users."""
    return os.geteuid() == 0
