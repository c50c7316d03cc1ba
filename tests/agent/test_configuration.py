"""What the agent writes for mail programs and service managers."""

import plistlib
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from agent.clients import CLIENTS
from agent.clients.account import Account, NoServer, NotForTpm
from agent.service import SERVICES
from agent.state import State
from agent.tpm import configuration

MAIL = {
    "user": "anna@example.com",
    "services": {"imap": ["mail.example.com", 993], "submission": ["mail.example.com", 465]},
}


def account(folder: Path, *, in_tpm: bool = False, kernel: str = "Linux") -> Account:
    return Account.of(MAIL, State(folder), in_tpm, kernel)


@pytest.mark.parametrize("program", ["mutt", "isync", "thunderbird"])
def test_a_reading_program_is_told_where_and_by_what(tmp_path: Path, program: str) -> None:
    text = CLIENTS[program](account(tmp_path))
    assert "mail.example.com" in text and "993" in text and "anna@example.com" in text


def test_msmtp_is_told_where_to_send(tmp_path: Path) -> None:
    text = CLIENTS["msmtp"](account(tmp_path))
    assert "port 465" in text and f"tls_key_file {tmp_path / 'device.key'}" in text and "auth external" in text


def test_programs_that_cannot_use_the_tpm_are_refused_and_isync_is_told_how(tmp_path: Path) -> None:
    for program in ("mutt", "msmtp", "thunderbird", "browser"):
        with pytest.raises(NotForTpm, match="--key file"):
            CLIENTS[program](account(tmp_path, in_tpm=True))
    assert f"OPENSSL_CONF={tmp_path / 'openssl.cnf'}" in CLIENTS["isync"](account(tmp_path, in_tpm=True))
    assert "activate = 1" in configuration()


def test_a_service_that_the_server_lacks_is_named(tmp_path: Path) -> None:
    without = Account.of({"user": "anna@example.com", "services": {}}, State(tmp_path), False, "Linux")
    with pytest.raises(NoServer, match="no imap"):
        CLIENTS["isync"](without)


@pytest.mark.parametrize(
    ("kernel", "put"), [("Linux", "pk12util"), ("Darwin", "security import"), ("Windows", "certutil -user")]
)
def test_each_system_has_its_own_store(tmp_path: Path, kernel: str, put: str) -> None:
    assert put in CLIENTS["browser"](account(tmp_path, kernel=kernel))


WORDS = ("/usr/bin/python3", "/opt/gate post/gatepost-agent.pyz", "run")


def test_systemd_quotes_and_gives_up_when_it_is_unwanted() -> None:
    unit = SERVICES["systemd"](WORDS, "/var/lib/gatepost-agent")
    assert 'ExecStart=/usr/bin/python3 "/opt/gate post/gatepost-agent.pyz" run' in unit
    assert "RestartPreventExitStatus=3" in unit


def test_launchd_reads_its_list() -> None:
    told = plistlib.loads(SERVICES["launchd"](WORDS, "/tmp").encode())
    assert told["ProgramArguments"] == list(WORDS)


def test_windows_reads_its_task() -> None:
    text = SERVICES["windows"]((r"C:\Python & Co\python.exe", "run"), r"C:\ProgramData\Gatepost")
    task = ElementTree.fromstring(text.partition("?>")[2])
    assert [each.text for each in task.iter() if each.tag.endswith("Command")] == [r"C:\Python & Co\python.exe"]
