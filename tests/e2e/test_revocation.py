"""One device that carries a page with a WebSocket, IMAP in IDLE and a submission session, all three, is revoked."""

import shutil
import smtplib
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser import visit
from tests.e2e.demo import Demo
from tests.e2e.mail import Idling, open_submission, refusal

pytestmark = pytest.mark.e2e

WORDS = "This device was reported lost or was revoked."
LIVE = "document.querySelector('#count').textContent.startsWith('(')"
CLOSED = "document.documentElement.dataset.live"


def carried(demo: Demo, device: str) -> dict[str, str]:
    """Return the live sessions of a device: id -> service."""
    found: list[dict[str, Any]] = demo.orders("session", "list", "--device", device)["items"]
    return {each["id"]: each["service"] for each in found}


def watching(page: Page, address: str) -> None:
    """Open the webmail and wait until its WebSocket has spoken."""
    page.goto(address)
    page.wait_for_function(LIVE)


def test_revoking_a_device_ends_everything_that_it_carries_and_the_log_tells_all(
    demo: Demo, chromium: Browser, tmp_path: Path
) -> None:
    with visit(chromium, demo, "bob") as bob:
        bob.sign_in(demo.webmail, register="Bob's everything")
        (device,) = (
            each["id"] for each in demo.orders("device", "list", "Bob's everything", "--owner", "bob")["items"]
        )
        secret = bob.app_password(device, "Thunderbird", "imap", "submission")
        watching(bob.page, demo.webmail)
        idling = Idling(demo, bob.person, secret)
        sending = open_submission(demo, implicit=False)
        sending.login(bob.person.email, secret)
        before = carried(demo, device)
        assert set(before.values()) >= {"webmail", "imap", "submission"}

        demo.orders("device", "revoke", device, "--note", "left in a taxi")

        lines = idling.rest()
        assert lines[-1].startswith("* BYE ") and WORDS in lines[-1]
        code, words = sending.getreply()
        assert code == 421 and WORDS.encode() in words
        with pytest.raises(smtplib.SMTPServerDisconnected):
            sending.getreply()
        bob.page.wait_for_function(CLOSED)
        assert carried(demo, device) == {}

        bob.page.reload()
        expect(bob.page.locator("h1")).to_have_text("Sign in")
        bob.show_factors(demo.webmail)
        expect(bob.page.locator("main")).to_contain_text(WORDS)
        again = refusal(demo, bob.person.email, secret)
        assert "[AUTHORIZATIONFAILED]" in again and WORDS in again

    assert_recorded(demo, device, before)
    assert demo.orders("audit", "verify")["good"]
    assert_a_flipped_byte_is_found(demo, next(iter(before)), tmp_path / "copy")


def assert_recorded(demo: Demo, device: str, sessions: dict[str, str]) -> None:
    """Every session has its decision, the decision that ended it, and its end; the revocation has its actor."""
    entries = demo.orders("audit", "search", "--device", device, "--limit", "500")["items"]
    for session, service in sessions.items():
        decisions = [each for each in entries if each["kind"] == "decided" and each["session"] == session]
        assert any(each["outcome"] == "allow" and each["service"] == service for each in decisions), service
        assert any(each["outcome"] == "deny" and each["again"] for each in decisions), service
        (end,) = [each for each in entries if each["kind"] == "session-ended" and each["session"] == session]
        assert end["service"] == service and end["reason"] != "closed"
    assert any(each["kind"] == "device-changed" and each["actor"] for each in entries)


def assert_a_flipped_byte_is_found(demo: Demo, session: str, folder: Path) -> None:
    """Copy the installation, change one byte of one entry on the disk, and let `gatepost audit verify` look."""
    folder.mkdir()
    (folder / "state").mkdir(mode=0o700)
    for name in ("gatepost.toml", "tls.pem", "tls.key", "mail.secret", "ca.pem"):
        shutil.copy2(demo.directory / name, folder / name)
    shutil.copy2(demo.directory / "state" / "vault.key", folder / "state" / "vault.key")
    with sqlite3.connect(demo.directory / "state" / "gatepost.db") as live:
        with sqlite3.connect(folder / "state" / "gatepost.db") as copy:
            live.backup(copy)
        copy.close()
    live.close()
    verify = ("--config", str(folder / "gatepost.toml"), "audit", "verify")
    whole = demo.gatepost(*verify)
    assert whole.returncode == 0, whole.stdout + whole.stderr

    file = folder / "state" / "gatepost.db"
    octets = bytearray(file.read_bytes())
    place = octets.rindex(session.encode()) + len(session) - 1
    octets[place] ^= 1
    file.write_bytes(octets)
    broken = demo.gatepost(*verify)
    assert broken.returncode == 1, broken.stdout + broken.stderr
    assert "BROKEN" in broken.stdout
