"""The lab without its servers: where their things go, what is written for them, what is said when one is missing."""

import json
from pathlib import Path

import pytest

from gatepost.demo import ground as grounds
from gatepost.demo import lab, roundcube
from gatepost.demo.ground import Ground
from gatepost.demo.plan import WISHES, Plan
from gatepost.household.tether import main as tether
from kernel.problems import Refused

ME = ("me", "us", "me", "me", "us", "me")


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    made = Plan(tmp_path, True, dict(WISHES))
    made.facts.write_text(json.dumps({"oidc_clients": [{"client_id": "roundcube", "client_secret": "it's"}]}))
    return made


@pytest.fixture
def place(tmp_path: Path) -> Ground:
    (tmp_path / "servers").mkdir()
    return Ground(tmp_path / "servers", False, *ME)


@pytest.fixture(autouse=True)
def everything_is_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As on a machine with the packages, wherever this test runs."""
    package, pages = tmp_path / "package", tmp_path / "pages"
    (package / "SQL").mkdir(parents=True)
    (package / "SQL" / "sqlite.initial.sql").write_text("CREATE TABLE users (username);")
    pages.mkdir()
    (pages / "index.php").touch()
    monkeypatch.setattr(roundcube, "PACKAGE", package)
    monkeypatch.setattr(roundcube, "PAGES", (pages,))
    for module in (lab, roundcube):
        monkeypatch.setattr(module, "program", lambda name, package: f"/usr/sbin/{name}")


def test_dovecot_is_told_the_issuer_the_ports_and_no_master(plan: Plan, place: Ground) -> None:
    role = lab.dovecot(plan, place)
    assert str(WISHES["backend_imap"]) in role.argv
    folder = place.base / "dovecot"
    assert f"port = {WISHES['backend_imap']}" in (folder / "dovecot.conf").read_text()
    assert f"issuers = {plan.issuer}" in (folder / "dovecot-oauth2.conf.ext").read_text()
    assert (folder / "master-users").read_text() == ""


def test_a_pid_file_of_before_does_not_keep_dovecot_from_starting(plan: Plan, place: Ground) -> None:
    lab.dovecot(plan, place)
    stale = place.base / "dovecot" / "run" / "master.pid"
    stale.write_text("1")
    lab.dovecot(plan, place)
    assert not stale.exists()


def test_postfix_asks_dovecot_who_somebody_is_and_delivers_there(plan: Plan, place: Ground) -> None:
    lab.postfix(plan, place)
    main = (place.base / "postfix" / "etc" / "main.cf").read_text()
    assert f"virtual_transport = lmtp:inet:127.0.0.1:{WISHES['backend_lmtp']}" in main
    assert f"smtpd_sasl_path = {place.base}/dovecot/run/postfix-auth" in main


def test_roundcube_keeps_its_key_and_its_mail_and_quotes_what_it_is_given(plan: Plan, place: Ground) -> None:
    role = roundcube.roundcube(plan, place)
    written = Path(role.environment["ROUNDCUBE_CONFIG_DIR"]) / "config.inc.php"
    first = written.read_text()
    assert "'oauth_client_secret'] = 'it\\'s';" in first
    assert "'oauth_scope'] = 'openid profile email mail';" in first
    assert written.stat().st_mode & 0o777 == 0o400
    (place.base / "roundcube" / "data" / "roundcube.db").write_bytes(b"people's settings")
    roundcube.roundcube(plan, place)
    assert written.read_text() == first
    assert (place.base / "roundcube" / "data" / "roundcube.db").read_bytes() == b"people's settings"


def test_a_missing_package_is_named(plan: Plan, place: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Refused, match=r"Debian's no-package; install it as root with `deploy/packages lab`"):
        grounds.program("no-such-program", "no-package")
    monkeypatch.setattr(roundcube, "PAGES", (place.base / "nowhere",))
    with pytest.raises(Refused, match="roundcube-core"):
        roundcube.roundcube(plan, place)


def test_only_what_everybody_can_walk_to_is_walkable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = tmp_path / "closed" / "lab"
    closed.mkdir(parents=True)
    closed.parent.chmod(0o700)
    assert not grounds.walkable(closed)
    assert grounds.walkable(Path("/"))


def test_what_lies_elsewhere_is_forgotten_with_the_lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grounds, "ELSEWHERE", tmp_path / "elsewhere")
    link = tmp_path / "lab" / "servers"
    link.parent.mkdir()
    base = grounds._elsewhere(link)
    assert grounds._elsewhere(link) == base == link.resolve()
    grounds.forget(link.parent)
    assert not base.exists()


def test_forgetting_follows_no_link_that_we_did_not_make(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (tmp_path / "servers").symlink_to(precious)
    grounds.forget(tmp_path)
    assert precious.exists()


@pytest.mark.parametrize("script", [grounds.ONE, grounds.GROUP])
def test_a_server_says_to_its_log_what_it_says_and_its_end_is_its_own(
    place: Ground, script: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = place.base / "said.log"
    role = place.role("server", 0, said, "sh", "-c", "echo hello; echo oh >&2; exit 7", script=script)
    monkeypatch.setattr("sys.argv", ["tether", *role.argv[3:]])
    assert tether() == 7
    assert said.read_text() == "hello\noh\n"
