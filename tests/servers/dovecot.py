"""A real Dovecot on loopback high ports, on the lab's templates: IMAP, POP3, ManageSieve and LMTP; tokens checked
locally by oauth2, and a master user."""

import getpass
import grp
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from tests.servers.processes import LAB, free_port, render, root, stop, wait_for_port

BINARY = shutil.which("dovecot", path="/usr/sbin:/usr/bin")


@dataclass
class Dovecot:
    """Runs in ``base`` (see ``open_folder``). ``issuer`` and the keys given to ``trust`` are whose tokens are good.
    ``certificate`` (with its key): it offers STARTTLS."""

    base: Path
    issuer: str = "https://id.example.org"
    username_attribute: str = "email"
    master_user: str = "gate"
    master_password: str = "master-secret"
    imap_port: int = field(default_factory=free_port)
    pop3_port: int = field(default_factory=free_port)
    sieve_port: int = field(default_factory=free_port)
    lmtp_port: int = field(default_factory=free_port)
    certificate: tuple[Path, Path] | None = None
    process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        return self.base / "dovecot.log"

    @property
    def sasl_socket(self) -> Path:
        """Where Postfix asks about credentials."""
        return self.base / "run" / "postfix-auth"

    def trust(self, kid: str, algorithm: str, public_pem: str) -> None:
        """Accept tokens signed with this key; may be called while it runs."""
        folder = self.base / "keys" / "default" / algorithm
        folder.mkdir(parents=True, exist_ok=True)
        (folder / kid).write_text(public_pem)

    def start(self) -> "Dovecot":
        """Start, and wait until it greets."""
        if BINARY is None:
            raise RuntimeError("dovecot is not installed")
        user, group = getpass.getuser(), grp.getgrgid(os.getgid()).gr_name
        internal, login, mail = ("dovecot", "dovenull", "nobody") if root() else (user, user, user)
        for name in ("run", "state", "mail", "keys"):
            (self.base / name).mkdir(exist_ok=True)
        if root():
            shutil.chown(self.base / "mail", mail, "nogroup")
        values = {
            "base": self.base,
            "internal_user": internal,
            "internal_group": "dovecot" if root() else group,
            "login_user": login,
            "mail_user": mail,
            "mail_group": "nogroup" if root() else group,
            "imap_port": self.imap_port,
            "pop3_port": self.pop3_port,
            "sieve_port": self.sieve_port,
            "lmtp_port": self.lmtp_port,
            "issuer": self.issuer,
            "username_attribute": self.username_attribute,
        }
        config = self.base / "dovecot.conf"
        render(LAB / "dovecot.conf.template", config, **values)
        if self.certificate is not None:
            with config.open("a") as more:
                more.write("ssl = yes\nssl_cert = <{}\nssl_key = <{}\n".format(*self.certificate))
        render(LAB / "dovecot-oauth2.conf.ext.template", self.base / "dovecot-oauth2.conf.ext", **values)
        (self.base / "master-users").write_text(f"{self.master_user}:{{PLAIN}}{self.master_password}\n")
        self.process = subprocess.Popen([BINARY, "-F", "-c", str(config)], stdin=subprocess.DEVNULL)
        wait_for_port(self.imap_port, self.process, self.log)
        return self

    def stop(self) -> None:
        """End it; its children end with it."""
        if self.process is not None:
            stop(self.process)
            self.process = None
