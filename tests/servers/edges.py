"""nginx and Caddy by the configuration files that we ship in ``deploy``, with this machine's ports and paths."""

import getpass
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.servers.processes import free_port, stop

DEPLOY = Path(__file__).parents[2] / "deploy"
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin")
MAIL_MODULE = Path("/usr/lib/nginx/modules/ngx_mail_module.so")
CADDY = shutil.which("caddy")
SHIPPED_SECRET = "change-me-to-the-secret-of-the-enforcer"
SECONDS = 15.0


class Application:
    """A web application without a login of its own: answers every request, and remembers what it was sent."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, str]]] = []
        seen = self.requests

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                seen.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
                body = b"<h1>hello from the application</h1>"
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port: int = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@dataclass
class Edge:
    """One proxy of others', at ``port``, in front of ``application``, asking at ``decisions``. ``base`` is its folder;
    ``certificate`` and ``key`` are what it shows."""

    base: Path
    port: int
    application: int
    decisions: int
    secret: str
    certificate: Path
    key: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        return self.base / "edge.log"

    @property
    def address(self) -> str:
        return f"https://localhost:{self.port}"

    def run(self, *argv: str, environment: Mapping[str, str] | None = None) -> None:
        """Start a program, and wait until it listens."""
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={**os.environ, **(environment or {})}
            )
        self.await_listener(self.port)

    def await_listener(self, port: int) -> None:
        """Wait until somebody listens at a port.

        Raises:
            RuntimeError: nobody does in time, or the program ended; what it said is in the message.
        """
        until = time.monotonic() + SECONDS
        while time.monotonic() < until and self.process is not None and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
            except OSError:
                time.sleep(0.05)  # there is no event to wait for: the server is another process
            else:
                return
        raise RuntimeError(f"nobody listens at {port}:\n{self.log.read_text()[-3000:]}")

    def stop(self) -> None:
        """End it."""
        if self.process is not None:
            stop(self.process)
            self.process = None

    def shipped(self, name: str, **changes: str) -> str:
        """Return a file of ``deploy`` with what an operator changes in it, each of which must be there."""
        text = (DEPLOY / name).read_text(encoding="utf-8")
        for before, after in changes.items():
            assert WRITTEN[before] in text, f"{name} no longer says {WRITTEN[before]!r}"
            text = text.replace(WRITTEN[before], after)
        return text


WRITTEN = {
    "secret": SHIPPED_SECRET,
    "asked_at": "127.0.0.1:9091",
    "application_at": "127.0.0.1:8080",
    "host": "wiki.example.com",
    "https": "listen 443 ssl",
    "certificate": "/etc/nginx/tls.pem",
    "key": "/etc/nginx/tls.key",
    "devices": "/etc/nginx/devices.pem",
    "imaps": "listen 993 ssl",
    "pop3s": "listen 995 ssl",
    "smtps": "listen 465 ssl",
}
"""What the shipped files say where an operator says otherwise."""


@dataclass
class Nginx(Edge):
    """nginx with ``auth_request``, from ``deploy/nginx``; with ``mail``, its mail proxy beside."""

    devices: Path | None = None
    imaps: int = field(default_factory=free_port)
    pop3s: int = field(default_factory=free_port)
    smtps: int = field(default_factory=free_port)

    def start(self) -> "Nginx":
        asked_at, shown = f"127.0.0.1:{self.decisions}", {"certificate": str(self.certificate), "key": str(self.key)}
        ask = self.shipped("nginx/gatepost-ask.conf", secret=self.secret)
        site = self.shipped(
            "nginx/gatepost.conf",
            asked_at=asked_at,
            application_at=f"127.0.0.1:{self.application}",
            host="localhost",
            https=f"listen 127.0.0.1:{self.port} ssl",
            **shown,
        )
        parts = [self._main(), f"http {{\n{self._temporary()}\n{site}\n}}\n"]
        if self.devices is not None:
            parts.insert(0, f"load_module {MAIL_MODULE};\n")
            parts.append(
                self.shipped(
                    "nginx/mail.conf",
                    asked_at=asked_at,
                    secret=self.secret,
                    devices=str(self.devices),
                    imaps=f"listen 127.0.0.1:{self.imaps} ssl",
                    pop3s=f"listen 127.0.0.1:{self.pop3s} ssl",
                    smtps=f"listen 127.0.0.1:{self.smtps} ssl",
                    **shown,
                )
            )
        (self.base / "gatepost-ask.conf").write_text(ask)
        (self.base / "nginx.conf").write_text("".join(parts))
        self.run(str(NGINX), "-p", str(self.base), "-c", str(self.base / "nginx.conf"), "-e", str(self.log))
        return self

    def _main(self) -> str:
        return (
            f"daemon off;\nmaster_process off;\nuser {getpass.getuser()};\npid {self.base}/nginx.pid;\n"
            f"error_log {self.log} info;\nevents {{}}\n"
        )

    def _temporary(self) -> str:
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        paths = "\n".join(f"{kind}_temp_path {self.base}/{kind};" for kind in kinds)
        return f"access_log off;\n{paths}"


@dataclass
class Caddy(Edge):
    """Caddy with ``forward_auth``, from ``deploy/caddy``."""

    def start(self) -> "Caddy":
        site = self.shipped(
            "caddy/Caddyfile",
            asked_at=f"127.0.0.1:{self.decisions}",
            application_at=f"127.0.0.1:{self.application}",
            host=f"localhost:{self.port}",
        )
        options = "{\n\tadmin off\n\tauto_https off\n}\n"
        site = site.replace(f"localhost:{self.port} {{", f"{self.address} {{\n\ttls {self.certificate} {self.key}", 1)
        (self.base / "Caddyfile").write_text(options + site)
        environment = {"GATEPOST_SECRET": self.secret, "HOME": str(self.base), "XDG_DATA_HOME": str(self.base)}
        config = ("--config", str(self.base / "Caddyfile"), "--adapter", "caddyfile")
        self.run(str(CADDY), "run", *config, environment=environment)
        return self
