"""A TPM in software (swtpm) behind a resource manager (tpm2-abrmd) on a private bus, as a kernel would offer one."""

import contextlib
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from tests.servers.processes import free_port, stop

PATIENCE = 15.0


@contextlib.contextmanager
def tpm(folder: Path) -> Iterator[dict[str, str]]:
    """Lend the environment with which OpenSSL's tpm2 provider reaches it."""
    port, folder = _two_free_ports(), folder / "tpm"
    folder.mkdir()
    with contextlib.ExitStack() as stack:
        chip = subprocess.Popen(
            [
                *("swtpm", "socket", "--tpm2", "--tpmstate", f"dir={folder}", "--flags", "not-need-init,startup-clear"),
                *("--server", f"type=tcp,port={port}", "--ctrl", f"type=tcp,port={port + 1}"),
            ]
        )
        stack.callback(stop, chip)
        _listens(port + 1)
        bus = subprocess.Popen(
            ["dbus-daemon", "--session", "--nofork", "--print-address=1"], stdout=subprocess.PIPE, text=True
        )
        stack.callback(stop, bus)
        assert bus.stdout is not None
        environment = {"DBUS_SESSION_BUS_ADDRESS": bus.stdout.readline().strip()}
        log = (folder / "log").open("wb")
        stack.callback(log.close)
        keeper = subprocess.Popen(
            ["tpm2-abrmd", "--session", "--allow-root", f"--tcti=swtpm:host=127.0.0.1,port={port}"],
            env=os.environ | environment,
            stdout=log,
            stderr=log,
        )
        stack.callback(stop, keeper)
        environment["TPM2OPENSSL_TCTI"] = "tabrmd:bus_type=session"
        _wait(environment, keeper, folder / "log")
        yield environment


def _two_free_ports() -> int:
    """Return a port that is free together with the one above it, where the TPM's control channel is looked for."""
    for _ in range(100):
        port = free_port()
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port + 1)):
            return port
    raise RuntimeError("no two free ports side by side")


def _listens(port: int) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)  # there is no event to wait for: the chip is another process
    raise RuntimeError(f"no TPM listens at {port}")


def _wait(environment: dict[str, str], keeper: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and keeper.poll() is None:
        asked = subprocess.run(
            ["openssl", "rand", "-provider", "tpm2", "-hex", "8"],
            env=os.environ | environment,
            capture_output=True,
            timeout=PATIENCE,
        )
        if asked.returncode == 0:
            return
        time.sleep(0.05)  # there is no event to wait for: the manager is another process
    raise RuntimeError(f"no TPM:\n{log.read_text()[-2000:]}")
