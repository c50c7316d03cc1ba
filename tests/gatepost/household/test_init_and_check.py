"""A new installation, and what check and doctor see of it: as an operator types, on a private directory."""

import json
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gatepost.__main__ import main
from gatepost.household.configuration import load
from gatepost.household.inspection import inspect
from idp.admin.health import State

INIT = ["--issuer", "https://id.example.com", "--domain", "example.com", "--admin", "ines@example.com"]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh installation's gatepost.toml; whoever changes files, changes them back."""
    directory = tmp_path_factory.mktemp("installed") / "gatepost"
    assert main(["init", str(directory), *INIT, "--json"]) == 0
    return directory / "gatepost.toml"


def typed(config: Path, *words: str) -> int:
    return main(["--config", str(config), *words])


def test_init_makes_a_policy_groups_and_an_invitation_for_the_first_admin(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", str(tmp_path / "new"), *INIT, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["invitation"].startswith("https://id.example.com/invite/")

    config = Path(told["configuration"])
    assert typed(config, "user", "list", "--json") == 0
    (admin,) = json.loads(capsys.readouterr().out)["items"]
    assert (admin["email"], sorted(admin["groups"])) == ("ines@example.com", ["mail-admins", "staff"])
    assert typed(config, "policy", "history", "--json") == 0
    assert [each["number"] for each in json.loads(capsys.readouterr().out)["items"]] == [1]
    assert typed(config, "audit", "verify") == 0


def test_secrets_of_a_new_installation_are_its_owners_alone(installed: Path) -> None:
    modes = {name: (installed.parent / name).stat().st_mode & 0o077 for name in ("state", "state/vault.key", "tls.key")}
    assert modes == {"state": 0, "state/vault.key": 0, "tls.key": 0}
    assert (installed.parent / "state" / "gatepost.db").stat().st_mode & 0o077 == 0


def test_init_touches_no_installation_that_is_there(installed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = installed.read_bytes()
    assert main(["init", str(installed.parent), *INIT]) == 1
    assert "nothing was changed" in capsys.readouterr().err
    assert installed.read_bytes() == before


def test_check_finds_a_new_installation_good(installed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert typed(installed, "check") == 0
    assert "BAD" not in capsys.readouterr().out


def test_check_shows_every_setting_with_its_default(installed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert typed(installed, "check", "--show") == 0
    assert json.loads(capsys.readouterr().out)["proxy"]["max_stale"] == 30.0


def test_a_fault_in_the_configuration_is_pointed_at_and_the_exit_code_says_so(
    installed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "gatepost.toml"
    broken.write_text(installed.read_text(encoding="utf-8").replace("max_stale", "max_stail"), encoding="utf-8")
    assert typed(broken, "check") == 2
    line = next(n for n, text in enumerate(broken.read_text(encoding="utf-8").splitlines(), 1) if "max_stail" in text)
    expected = f"gatepost.toml:{line}:1: unknown key `max_stail` - did you mean `max_stale`?"
    assert capsys.readouterr().err.strip() == expected


def test_no_configuration_anywhere_says_how_to_make_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GATEPOST_CONFIG", raising=False)
    assert main(["check"]) == 1
    assert "gatepost init" in capsys.readouterr().err


def test_a_vault_key_that_others_can_read_is_bad(installed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = installed.parent / "state" / "vault.key"
    key.chmod(0o644)
    try:
        assert typed(installed, "check") == 2
        assert f"chmod go= {key}" in capsys.readouterr().out
    finally:
        key.chmod(0o600)


@pytest.mark.parametrize(("later", "state"), [(80, State.ATTENTION), (91, State.BAD)])
def test_a_certificate_is_reported_before_it_ends(installed: Path, later: int, state: State) -> None:
    then = datetime.now(UTC) + timedelta(days=later)
    rows = [row for row in inspect(load(installed), then) if row.name == "certificate of web"]
    assert [row.state for row in rows] == [state]
    assert rows[0].advice


def test_a_key_of_another_certificate_is_bad(installed: Path) -> None:
    key = installed.parent / "tls.key"
    good = key.read_bytes()
    key.write_bytes(b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
    try:
        states = {row.name: row.state for row in inspect(load(installed))}
    finally:
        key.write_bytes(good)
    assert states["certificate of imaps"] is State.BAD


def test_a_mail_port_with_nothing_behind_it_is_bad(installed: Path) -> None:
    settings = load(installed)
    (imaps, *_) = [listener for listener in settings.listen if listener.service == "imap"]
    asked = replace(settings, listen=(*settings.listen, replace(imaps, name="pop3s", service="pop3")))
    (row,) = [row for row in inspect(asked) if row.name.startswith("listener ")]
    assert (row.name, row.state, row.seen) == ("listener pop3s", State.BAD, "no backend speaks pop3")
    assert "[backend.pop3]" in row.advice
    backend = settings.backends[0]
    served = replace(asked, backends=(replace(backend, pop3=backend.imap),))
    assert [row for row in inspect(served) if row.name.startswith("listener ")] == []


def test_doctor_says_what_does_not_run_and_what_to_do(
    installed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed(installed, "doctor", "--json") == 1
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert (rows["identity side"]["state"], rows["identity side"]["advice"]) == ("bad", "start it: `gatepost serve`")
    assert rows["audit chain"]["state"] == "good"
    assert rows["imap of mail"]["state"] == "bad"


def test_doctor_names_a_tampered_audit_log(installed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    database = installed.parent / "state" / "gatepost.db"
    good = database.read_bytes()
    where = good.index(b"the first policy")
    try:
        with database.open("r+b") as file:
            file.seek(where)
            file.write(b"a")
            os.fsync(file.fileno())
        main(["--config", str(installed), "doctor", "--json"])
        rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    finally:
        database.write_bytes(good)
    assert rows["audit chain"]["state"] == "bad"
