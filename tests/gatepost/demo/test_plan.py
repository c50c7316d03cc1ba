"""Where a demo stands: ports that are free, found again the next time, and never somebody else's."""

import socket
from pathlib import Path

import pytest

from gatepost.__main__ import main
from gatepost.demo import configuration
from gatepost.demo.plan import WISHES, plan
from kernel.config.reader import read_settings


def test_a_plan_is_made_once_and_found_again(tmp_path: Path) -> None:
    first = plan(tmp_path / "demo", lab=False)
    assert set(first.ports) == set(WISHES)
    assert len(set(first.ports.values())) == len(WISHES)
    assert plan(tmp_path / "demo", lab=True) == first


def test_a_port_in_use_is_not_planned(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        wished, WISHES["web"] = WISHES["web"], port
        try:
            assert plan(tmp_path / "demo", lab=False).ports["web"] != port
        finally:
            WISHES["web"] = wished


@pytest.mark.parametrize("lab", [False, True])
def test_the_demos_configuration_is_a_good_one(tmp_path: Path, lab: bool) -> None:
    made = plan(tmp_path / "demo", lab)
    settings = read_settings(configuration.text(made), made.config)
    assert settings.site.issuer == made.issuer
    mail = {"imap", "pop3", "submission"} | ({"sieve"} if lab else set())
    assert {listener.service for listener in settings.listen} == {"web", "decisions"} | mail
    assert {service for service, _ in settings.backends[0].upstreams} == mail


def test_reset_removes_a_demo_and_nothing_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "precious").write_text("mine", encoding="utf-8")
    assert main(["demo", "--directory", str(tmp_path), "reset"]) == 1
    assert "nothing was removed" in capsys.readouterr().err
    assert (tmp_path / "precious").exists()

    made = plan(tmp_path / "demo", lab=False)
    assert main(["demo", "--directory", str(made.directory), "reset"]) == 0
    assert not made.directory.exists()


def test_a_code_for_nobody_names_those_who_are_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = plan(tmp_path / "demo", lab=False)
    made.facts.write_text(
        '{"users": [{"name": "alice", "totp_secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"}]}', encoding="utf-8"
    )
    assert main(["demo", "--directory", str(made.directory), "code", "nobody"]) == 1
    assert "alice" in capsys.readouterr().err
    assert main(["demo", "--directory", str(made.directory), "code", "alice"]) == 0
    assert len(capsys.readouterr().out.strip()) == 6
