"""Real mail programs at the lab, each with what it can prove itself by: app password, certificate, token."""

import imaplib
import json
import shutil
import ssl
import time
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.demo import Demo
from tests.e2e.mail import found, imap
from tests.lab.programs import NEEDED, READERS, SENDERS, Account, Done
from tests.servers.processes import root

MISSING = [
    name for name in ("dovecot", "postfix", "php", *NEEDED) if shutil.which(name, path="/usr/sbin:/usr/bin") is None
]

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}"),
    pytest.mark.skipif(not root(), reason="Postfix needs root"),
]

SECONDS = 20
PASSWORD, CERTIFICATE, BOTH, TOKEN = "password", "certificate", "certificate and password", "token"
PROOF = {PASSWORD: "app-password", CERTIFICATE: "certificate", BOTH: "certificate", TOKEN: "token"}
LETTER = "devices are people's keys now"

READING = {
    "curl by IMAP": ("imap", PASSWORD, CERTIFICATE, BOTH, TOKEN),
    "mutt": ("imap", PASSWORD, CERTIFICATE, BOTH, TOKEN),
    "isync": ("imap", PASSWORD, CERTIFICATE, BOTH),
    "offlineimap3": ("imap", PASSWORD, BOTH, TOKEN),
    "curl by POP3": ("pop3", PASSWORD, CERTIFICATE, BOTH, TOKEN),
    "curl by STLS": ("pop3", PASSWORD, CERTIFICATE, TOKEN),
    "fetchmail": ("pop3", PASSWORD, BOTH),
    "getmail6": ("pop3", PASSWORD, BOTH),
}
SENDING = {
    "mutt": (PASSWORD, TOKEN),
    "msmtp": (PASSWORD, CERTIFICATE, BOTH, TOKEN),
    "swaks": (PASSWORD, BOTH),
    "curl": (PASSWORD, CERTIFICATE, TOKEN),
}


def account(site: Demo, way: str, service: str, home: Path, request: pytest.FixtureRequest) -> Account:
    """Return Bob's account, with what ``way`` proves it by."""
    bob = site.person("bob")
    secret = bob.app_password(service) if way in (PASSWORD, BOTH) else ""
    token = request.getfixturevalue("token") if way == TOKEN else ""
    return Account(site, bob, service, home, secret, token, certified=way in (CERTIFICATE, BOTH))


def newest(site: Demo, service: str) -> dict[str, Any]:
    """Return the newest first decision about a service."""
    decided = site.orders("audit", "search", "--kind", "decided", "--user", "bob")["items"]
    return next(each for each in decided if each["service"] == service and not each["again"])


def assert_let_in(site: Demo, done: Done, service: str, way: str) -> None:
    assert done.returncode == 0, done.stdout + done.stderr
    decision = newest(site, service)
    assert decision["outcome"] == "allow"
    assert f'"{PROOF[way]}"' in json.dumps(decision["facts"])


@pytest.mark.parametrize(
    ("program", "service", "way"),
    [(program, service, way) for program, (service, *ways) in READING.items() for way in ways],
)
def test_a_program_reads_mail(
    site: Demo, program: str, service: str, way: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    bob = account(site, way, service, tmp_path, request)
    done = READERS[program](bob)
    assert_let_in(site, done, service, way)
    assert LETTER in bob.fetched, done.stdout + done.stderr


@pytest.mark.parametrize(("program", "way"), [(program, way) for program, ways in SENDING.items() for way in ways])
def test_a_program_sends_mail(
    site: Demo, program: str, way: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    subject = f"By {program} with {way} {time.time()}"
    haruka = site.person("haruka")
    done = SENDERS[program](account(site, way, "submission", tmp_path, request), haruka.email, subject)
    assert_let_in(site, done, "submission", way)
    with imap(site, haruka) as reading:
        until = time.monotonic() + SECONDS
        while not (letter := found(reading, subject)) and time.monotonic() < until:
            time.sleep(0.1)  # two servers carry it; neither tells us
    assert b"Sent by a program." in letter
    assert b"From: " in letter and b"bob@example.com" in letter


def test_imaplib_reads_by_every_way(site: Demo, token: str) -> None:
    bob = site.person("bob")
    trust = ssl.create_default_context(cafile=str(site.ca))
    with imaplib.IMAP4_SSL("localhost", site.port("imaps"), ssl_context=trust, timeout=SECONDS) as client:
        client.authenticate("XOAUTH2", lambda _: f"user={bob.email}\1auth=Bearer {token}\1\1".encode())
        assert LETTER.encode() in found(client, "Minutes of Tuesday")
    trust.load_cert_chain(site.path(bob.laptop["certificate"]), site.path(bob.laptop["key"]))
    with imaplib.IMAP4("localhost", site.port("imap"), timeout=SECONDS) as client:
        client.starttls(trust)
        client.authenticate("EXTERNAL", lambda _: b"")
        assert LETTER.encode() in found(client, "Minutes of Tuesday")
    with imap(site, bob) as session:
        assert LETTER.encode() in found(session, "Minutes of Tuesday")


@pytest.mark.parametrize("program", READERS)
def test_a_program_with_a_wrong_password_is_refused_and_fetches_nothing(
    site: Demo, program: str, tmp_path: Path
) -> None:
    service = READING[program][0]
    bob = Account(site, site.person("bob"), service, tmp_path, secret="abcd-efgh-jkmn-pqrs-tuvw-xyz2-3456")
    done = READERS[program](bob)
    assert LETTER not in bob.fetched
    said = done.stdout + done.stderr
    assert done.returncode != 0 or "wrong" in said or "failed" in said, said
    refused = site.orders("audit", "search", "--kind", "credential-refused")["items"][0]
    assert (refused["service"], refused["user"]) == (service, "bob@example.com")
