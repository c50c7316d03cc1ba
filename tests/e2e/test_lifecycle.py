"""A demo's life: up in time, found again, ended without a trace however it ends."""

import imaplib
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.demo import LONGEST_START, Demo, gone
from tests.e2e.mail import imap

pytestmark = pytest.mark.e2e

KEYS = {
    "issuer", "webmail", "portal", "console", "ca", "imap", "imaps", "submission", "submissions", "authority",
    "admin_api", "command", "users", "oidc_clients",
}  # fmt: skip
STOPPED_WITHIN = 6.0


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


def test_a_demo_comes_up_is_found_again_and_leaves_nothing_behind(
    tmp_path: Path, record_property: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    demo = Demo(tmp_path / "demo")
    first = demo.start()
    assert first < LONGEST_START
    facts = demo.facts
    assert facts.keys() >= KEYS
    assert (tmp_path / "demo" / "demo.json").stat().st_mode & 0o077 == 0
    admins = [user for user in facts["users"] if "mail-admins" in user["groups"]]
    staff = [user for user in facts["users"] if "staff" in user["groups"]]
    assert admins and len(staff) >= 3
    for user in staff:
        assert {service for each in user["app_passwords"] for service in each["services"]} >= {"imap", "submission"}
        assert all(demo.path(device[file]).exists() for device in user["devices"] for file in ("certificate", "key"))
    assert all(client.keys() >= {"client_id", "client_secret", "redirect_uris"} for client in facts["oidc_clients"])
    before = state_of(demo)

    family = demo.processes()
    with pytest.raises(imaplib.IMAP4.abort), imap(demo, demo.person("bob")) as idling:
        idling.select("INBOX")
        stopped = demo.stop(signal.SIGINT)
        idling.noop()
    assert stopped < STOPPED_WITHIN
    assert {line for pid, line in family.items() if not gone(pid, 0)} == set()

    second = demo.start()
    assert state_of(demo) == before
    family = demo.processes()
    demo.process.kill()
    assert {line for pid, line in family.items() if not gone(pid, STOPPED_WITHIN)} == set()

    third = demo.start()
    assert state_of(demo) == before
    family = demo.processes()
    assert demo.stop(signal.SIGTERM) < STOPPED_WITHIN
    assert {line for pid, line in family.items() if not gone(pid, 0)} == set()
    with capsys.disabled():
        print(f"\n  demo: ready after {first:.1f} s afresh, {second:.1f} s and {third:.1f} s again; ", end="")
        print(f"ended {stopped:.1f} s after SIGINT")
