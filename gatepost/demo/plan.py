"""Where everything of a demo stands: its directory and its ports, chosen once and found again the next time."""

import json
import socket
from dataclasses import asdict, dataclass
from pathlib import Path

HOST = "localhost"
WISHES = {
    "web": 8443,
    "webmail": 8444,
    "web_devices": 8445,
    "webmail_devices": 8446,
    "imaps": 8993,
    "imap": 8143,
    "pop3s": 8995,
    "pop3": 8110,
    "submissions": 8465,
    "submission": 8587,
    "sieve": 8419,
    "decisions": 9091,
    "edge_nginx": 8447,
    "edge_caddy": 8448,
    "backend_imap": 8144,
    "backend_pop3": 8111,
    "backend_sieve": 8420,
    "backend_smtp": 8588,
    "backend_lmtp": 8024,
    "backend_web": 8080,
}


@dataclass(frozen=True, slots=True)
class Plan:
    """One demo. ``lab`` means real Dovecot, Postfix and Roundcube instead of the embedded mail system."""

    directory: Path
    lab: bool
    ports: dict[str, int]

    @property
    def state(self) -> Path:
        return self.directory / "state"

    @property
    def config(self) -> Path:
        return self.directory / "gatepost.toml"

    @property
    def facts(self) -> Path:
        """``demo.json``: what a script needs to drive the demo."""
        return self.directory / "demo.json"

    @property
    def ca(self) -> Path:
        return self.directory / "ca.pem"

    @property
    def issuer(self) -> str:
        return f"https://{HOST}:{self.ports['web']}"

    @property
    def webmail(self) -> str:
        return f"https://{HOST}:{self.ports['webmail']}"

    @property
    def device_hosts(self) -> dict[str, str]:
        """Where devices show their certificate: the identity side's host, and the webmail's; none in an older plan."""
        names = {"web_devices": "identity", "webmail_devices": "webmail"}
        return {told: f"{HOST}:{self.ports[name]}" for name, told in names.items() if name in self.ports}

    @property
    def mail_ports(self) -> dict[str, int]:
        """The mail ports that this demo opens: what is behind it, and what an older plan of it had a port for."""
        names = ("imaps", "imap", "pop3s", "pop3", "submissions", "submission", *(("sieve",) if self.lab else ()))
        return {name: self.ports[name] for name in names if name in self.ports}

    @property
    def edges(self) -> dict[str, str]:
        """The applications behind proxies of others' that ask this demo, by name: where such a proxy would listen."""
        if "decisions" not in self.ports:  # an older plan
            return {}
        return {"wiki": f"{HOST}:{self.ports['edge_nginx']}", "tickets": f"{HOST}:{self.ports['edge_caddy']}"}

    @property
    def own_ports(self) -> dict[str, int]:
        """The ports that the demo itself opens."""
        return {name: port for name, port in self.ports.items() if not name.startswith("edge_")}

    def path(self, *parts: str) -> Path:
        """Return a path inside the demo's directory."""
        return self.directory.joinpath(*parts)


def plan(directory: Path, lab: bool) -> Plan:
    """Return the plan for ``directory``: the one made before, or a new one with ports that are free now."""
    kept = directory / "plan.json"
    if kept.exists():
        saved = json.loads(kept.read_text(encoding="utf-8"))
        return Plan(directory, saved["lab"], saved["ports"])
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = Plan(directory, lab, _free_ports())
    kept.write_text(
        json.dumps({key: value for key, value in asdict(made).items() if key != "directory"}), encoding="utf-8"
    )
    return made


def _free_ports() -> dict[str, int]:
    """Return the wished-for ports, with another free one wherever a wish is taken."""
    held: list[socket.socket] = []
    try:
        return {name: _bind(wish, held) for name, wish in WISHES.items()}
    finally:
        for taken in held:
            taken.close()


def _bind(wish: int, held: list[socket.socket]) -> int:
    for port in (wish, 0):
        candidate = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            candidate.bind(("127.0.0.1", port))
        except OSError:
            candidate.close()
            continue
        held.append(candidate)
        bound: int = candidate.getsockname()[1]
        return bound
    raise OSError("no free port on 127.0.0.1")
