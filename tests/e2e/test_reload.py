"""SIGHUP on a running demo: new settings are served, no session falls, a broken file changes nothing."""

import os
import signal
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.demo import Demo
from tests.e2e.mail import Idling, imap, open_imap
from tests.e2e.tuned import tuned

pytestmark = pytest.mark.e2e

WITHIN = 10.0


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Demo]:
    with tuned(tmp_path / "own") as demo:
        yield demo


def page(demo: Demo) -> str:
    try:
        with urllib.request.urlopen(f"{demo.issuer}/signin", context=demo.trust(), timeout=5) as answer:
            return str(answer.read().decode())
    except OSError as trouble:
        return str(trouble)


def test_a_changed_file_is_put_in_force_without_dropping_a_session(own: Demo) -> None:
    alice, bob = own.person("alice"), own.person("bob")
    staying = Idling(own, alice, alice.app_password("imap"))
    idp = own.role("--role idp")
    config = own.directory / "gatepost.toml"
    good = config.read_text(encoding="utf-8").replace('name = "Gatepost demo"', 'name = "Gatepost renamed"')
    config.write_text(good + '\n[bounds]\npreauth_seconds = "1s"\n', encoding="utf-8")
    os.kill(own.pid, signal.SIGHUP)
    own.hears("the configuration was read again", seconds=WITHIN)
    until = time.monotonic() + WITHIN
    while "Gatepost renamed" not in page(own):
        assert time.monotonic() < until
    assert own.role("--role idp") == idp

    began = time.monotonic()
    hasty = open_imap(own)
    assert hasty.file.readline().startswith(b"* BYE")
    assert time.monotonic() - began < WITHIN
    hasty.shutdown()

    config.write_text(good + "\n[bounds]\nlime = 3\n", encoding="utf-8")
    os.kill(own.pid, signal.SIGHUP)
    own.hears("reload refused, the old configuration stays in force", seconds=WITHIN)
    assert "Gatepost renamed" in page(own)

    staying.socket.sendall(b"DONE\r\n")
    assert staying.file.readline().startswith(b"c OK")
    staying.socket.close()
    with imap(own, bob) as session:
        assert session.select("INBOX", readonly=True)[0] == "OK"
