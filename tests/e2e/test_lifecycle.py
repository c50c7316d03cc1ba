"""A demo's life: up in time, found again, ended without a trace however it ends."""

import imaplib
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyotp
import pytest
from playwright.sync_api import Browser

from tests.e2e.browser import visit
from tests.e2e.demo import LONGEST_START, ROOT, Demo, gone
from tests.e2e.mail import imap, open_submission

pytestmark = pytest.mark.e2e

KEYS = {
    "issuer", "webmail", "portal", "console", "ca", "imap", "imaps", "submission", "submissions", "authority",
    "admin_api", "command", "users", "oidc_clients",
}  # fmt: skip
STOPPED_WITHIN = 4.0


def left(family: dict[int, str], seconds: float = 0) -> set[str]:
    """Return the command lines of those who are not gone after ``seconds`` each."""
    return {line for pid, line in family.items() if not gone(pid, seconds)}


def demo_command(demo: Demo, *words: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "gatepost", "demo", "--directory", str(demo.directory), *words]
    return subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)


def state_of(demo: Demo) -> dict[str, Any]:
    """Return what must outlive a stop: people, clients, policy and letters."""
    with imap(demo, demo.person("alice")) as session:
        session.select("INBOX", readonly=True)
        letters = session.uid("SEARCH", "ALL")[1]
    return {
        "facts": demo.facts,
        "users": [(user["id"], user["name"]) for user in demo.orders("user", "list")["items"]],
        "revision": demo.orders("policy", "history")["items"][0]["number"],
        "letters": letters,
    }


def assert_complete(demo: Demo) -> None:
    """demo.json has every fact that design.md promises for the parts that exist, for its owner's eyes alone."""
    facts = demo.facts
    assert facts.keys() >= KEYS
    assert (demo.directory / "demo.json").stat().st_mode & 0o077 == 0
    staff = [user for user in facts["users"] if "staff" in user["groups"]]
    assert len(staff) >= 3 and any("mail-admins" in user["groups"] for user in facts["users"])
    for user in staff:
        assert {service for each in user["app_passwords"] for service in each["services"]} >= {"imap", "submission"}
        assert all(demo.path(device[file]).exists() for device in user["devices"] for file in ("certificate", "key"))
    assert all(client.keys() >= {"client_id", "client_secret", "redirect_uris"} for client in facts["oidc_clients"])
    assert demo.ca.exists() and demo.path(facts["authority"]).exists()


def test_a_demo_comes_up_is_found_again_and_leaves_nothing_behind(
    tmp_path: Path, chromium: Browser, capsys: pytest.CaptureFixture[str]
) -> None:
    demo = Demo(tmp_path / "demo")
    first = demo.start()
    assert first < LONGEST_START
    assert_complete(demo)
    before = state_of(demo)

    with visit(chromium, demo, "alice") as alice, imap(demo, demo.person("bob")) as reading:
        alice.sign_in(demo.webmail, register="Alice's open page")
        alice.page.wait_for_function("document.querySelector('#count').textContent.startsWith('(')")
        reading.select("INBOX")
        sending = open_submission(demo, implicit=True)
        sending.login("bob@example.com", demo.person("bob").app_password("submission"))
        family = demo.processes()
        stopped = demo.stop(signal.SIGINT)
        with pytest.raises(imaplib.IMAP4.abort):
            reading.noop()
        assert sending.getreply()[0] == 421
    assert left(family) == set()
    assert stopped < STOPPED_WITHIN

    second = demo.start()
    assert state_of(demo) == before
    family = demo.processes()
    assert demo.process is not None
    demo.process.kill()
    assert left(family, STOPPED_WITHIN) == set()

    third = demo.start()
    assert state_of(demo) == before
    again = demo_command(demo)
    assert again.returncode == 1 and "runs already" in again.stderr
    refused = demo_command(demo, "reset")
    assert refused.returncode == 1 and demo.facts == before["facts"]
    family = demo.processes()
    assert demo.stop(signal.SIGTERM) < STOPPED_WITHIN
    assert left(family) == set()

    shown = demo_command(demo, "code", "alice")
    assert pyotp.TOTP(demo.person("alice").facts["totp_secret"]).verify(shown.stdout.strip(), valid_window=1)
    nobody = demo_command(demo, "code", "nobody")
    assert nobody.returncode == 1 and "alice" in nobody.stderr
    assert demo_command(demo, "reset").returncode == 0
    assert not demo.directory.exists()
    with capsys.disabled():
        print(f"\n  demo: ready after {first:.1f} s afresh, {second:.1f} s and {third:.1f} s again; ", end="")
        print(f"ended {stopped:.1f} s after SIGINT")
