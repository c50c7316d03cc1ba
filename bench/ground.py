"""The ground that a run stands on: a private folder, free ports, one certificate for all, and processes that end with
it."""

import datetime
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

START_SECONDS = 30.0
STOP_SECONDS = 10.0
HOST = "127.0.0.1"


class Unstarted(Exception):
    """A server did not come up; the message holds the end of its log."""


class Ground:
    """Use it in a ``with``: what was started is ended, and the folder removed."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="gatepost-bench-"))
        self.folder.chmod(0o755)  # peers that drop root must reach theirs
        self._processes: list[subprocess.Popen[bytes]] = []
        self.certificate, self.key = self.folder / "tls.pem", self.folder / "tls.key"
        write_certificate(self.certificate, self.key)

    def __enter__(self) -> "Ground":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for process in reversed(self._processes):
            end(process)
        shutil.rmtree(self.folder, ignore_errors=True)

    def room(self, name: str) -> Path:
        """Return a folder of this name, made if need be."""
        made = self.folder / name
        made.mkdir(exist_ok=True)
        return made

    def start(self, name: str, argv: Sequence[str], ports: Sequence[int], env: Mapping[str, str] | None = None) -> int:
        """Run ``argv`` until the end, wait until all ``ports`` answer, and return its process id.

        Raises:
            Unstarted: it ended, or did not answer in time.
        """
        log = self.folder / f"{name}.log"
        with log.open("ab") as out:
            process = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=env, start_new_session=True
            )
        self._processes.append(process)
        until = time.monotonic() + START_SECONDS
        for port in ports:
            while not listening(port):
                if process.poll() is not None or time.monotonic() > until:
                    raise Unstarted(f"{name}: {log.read_text(errors='replace')[-2000:]}")
                time.sleep(0.05)
        return process.pid


def end(process: "subprocess.Popen[bytes]") -> None:
    """End one process of ours, gently, then for good."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        process.send_signal(number)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            continue
        return


def listening(port: int) -> bool:
    """Say whether something accepts connections on ``port``."""
    try:
        with socket.create_connection((HOST, port), 1.0):
            return True
    except OSError:
        return False


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        number: int = probe.getsockname()[1]
        return number


def write_certificate(certificate: Path, key: Path) -> None:
    """Write a self-signed ECDSA P-256 certificate for localhost, and its key."""
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(private, hashes.SHA256())
    )
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    key.chmod(0o600)


def client_tls() -> ssl.SSLContext:
    """Return how the load generator speaks TLS: 1.3, full handshakes, and no time spent on verifying its peer."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
