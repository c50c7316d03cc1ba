"""Roundcube for the lab: its configuration, its database, and the command that serves it by PHP's own web server.

People arrive signed in; it opens their mail with an access token, through the gate's own IMAP, submission and
ManageSieve ports (the last where Debian's roundcube-plugins are installed).
"""

import json
import secrets
import sqlite3
from contextlib import closing
from pathlib import Path

from gatepost.demo.ground import GROUP, TEMPLATES, Ground, program
from gatepost.demo.people import DOMAIN
from gatepost.demo.plan import Plan
from gatepost.household.supervise import Role
from kernel.problems import Refused

PACKAGE = Path("/usr/share/roundcube")
PAGES = (Path("/var/lib/roundcube/public_html"), PACKAGE)
"""What browsers may see: Debian 12's document root, or that of older packages."""
DEFAULTS = Path("/etc/roundcube")
CLIENT = "roundcube"
FILTERS = "managesieve"
WORKERS = "4"
SETTINGS = {"upload_max_filesize": "64M", "post_max_size": "64M", "opcache.enable_cli": "1", "expose_php": "0"}


def roundcube(plan: Plan, place: Ground) -> Role:
    """Write what Roundcube reads, and return its role.

    Raises:
        Refused: it is not installed.
    """
    php = program("php", "php-cli")
    pages = next((each for each in PAGES if (each / "index.php").exists()), None)
    if pages is None:
        raise Refused("the lab needs Debian's roundcube-core; install it as root with `deploy/packages lab`")
    base = place.folder("roundcube")
    folders = {name: place.folder("roundcube", name, owner=place.web_user) for name in ("data", "logs", "temp")}
    database = folders["data"] / "roundcube.db"
    _make_database(place, database)
    config = _configure(plan, place, {**folders, "database": database, "des_key": _kept_secret(base / "des.key")})
    user = ("setpriv", f"--reuid={place.web_user}", f"--regid={place.web_user}", "--clear-groups")
    settings = [word for name, value in SETTINGS.items() for word in ("-d", f"{name}={value}")]
    port = plan.ports["backend_web"]
    argv = (*(user if place.root else ()), php, *settings, "-S", f"127.0.0.1:{port}", "-t", str(pages))
    environment = {"PHP_CLI_SERVER_WORKERS": WORKERS, "ROUNDCUBE_CONFIG_DIR": str(config)}
    return place.role("Roundcube", port, base / "said.log", *argv, script=GROUP, environment=environment)


def _configure(plan: Plan, place: Ground, values: dict[str, object]) -> Path:
    """Write Roundcube's configuration, beside the package's defaults; return the folder."""
    config = place.folder("roundcube", "config")
    for name in ("defaults.inc.php", "mimetypes.php"):
        if (DEFAULTS / name).exists() and not (config / name).exists():
            (config / name).symlink_to(DEFAULTS / name)
    values |= {
        "imaps": plan.ports["imaps"],
        "submissions": plan.ports["submissions"],
        "plugins": FILTERS if (PACKAGE / "plugins" / FILTERS).exists() and "sieve" in plan.mail_ports else "",
        "sieve": plan.mail_ports.get("sieve", 0),
        "ca": place.authority,
        "domain": DOMAIN,
        "client_id": CLIENT,
        "client_secret": _client_secret(plan),
        "issuer": plan.issuer,
    }
    text = (TEMPLATES / "roundcube.inc.php.template").read_text(encoding="utf-8")
    written = config / "config.inc.php"
    written.touch(0o600)
    written.write_text(text.format_map({key: _php(value) for key, value in values.items()}), encoding="utf-8")
    place.give(written, place.web_user, 0o400)
    return config


def _make_database(place: Ground, path: Path) -> None:
    """Make Roundcube's tables from the package's own SQL, if they are not there."""
    if path.exists():
        return
    sql = (PACKAGE / "SQL" / "sqlite.initial.sql").read_text(encoding="utf-8")
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with closing(sqlite3.connect(fresh)) as connection:
        connection.executescript(sql)
    place.give(fresh, place.web_user, 0o600)
    fresh.rename(path)


def _kept_secret(path: Path) -> str:
    """Return a secret of 24 characters, the same at every start: what Roundcube encrypts its sessions with."""
    if not path.exists():
        path.touch(0o600)
        path.write_text(secrets.token_urlsafe(18), encoding="ascii")
    return path.read_text(encoding="ascii")


def _client_secret(plan: Plan) -> str:
    clients = json.loads(plan.facts.read_text(encoding="utf-8"))["oidc_clients"]
    return str(next(client["client_secret"] for client in clients if client["client_id"] == CLIENT))


def _php(value: object) -> str:
    """Return a value as it stands between single quotes in PHP."""
    return str(value).replace("\\", "\\\\").replace("'", "\\'")
