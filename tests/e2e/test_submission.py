"""Submission at the demo by smtplib and swaks: delivered over both ports, read over IMAP, bound to the sender."""

import smtplib
import subprocess

import pytest

from tests.e2e.demo import Demo, Person
from tests.e2e.mail import PATIENCE, found, imap, letter, open_submission

pytestmark = pytest.mark.e2e

PORTS = [pytest.param(True, id="465"), pytest.param(False, id="587")]
SENDER_REFUSED = 23
"""swaks's exit code for a MAIL that was refused."""


def swaks(demo: Demo, sender: Person, to: Person, implicit: bool, *more: str) -> subprocess.CompletedProcess[str]:
    port = demo.port("submissions" if implicit else "submission")
    argv = ["swaks", "--server", "localhost", "--port", str(port), "--tls-on-connect" if implicit else "--tls"]
    argv += ["--tls-verify", "--tls-ca-path", str(demo.ca)]
    argv += ["--auth", "PLAIN", "--auth-user", sender.email, "--auth-password", sender.app_password("submission")]
    argv += ["--from", sender.email, "--to", to.email, "--timeout", "15"]
    return subprocess.run([*argv, *more], capture_output=True, text=True, timeout=30, check=False)


@pytest.mark.parametrize("implicit", PORTS)
def test_smtplib_delivers_and_the_letter_is_read_over_imap(demo: Demo, implicit: bool) -> None:
    alice, bob = demo.person("alice"), demo.person("bob")
    subject = f"By smtplib, implicit {implicit}"
    text = "dots\n.one\n..two\n.\n" + "x" * 70 + "\n"
    with open_submission(demo, implicit) as session:
        session.login(alice.email, alice.app_password("submission"))
        assert session.send_message(letter(alice, bob, subject, text)) == {}
    with imap(demo, bob) as reading:
        assert text.replace("\n", "\r\n").encode() in found(reading, subject)


@pytest.mark.parametrize("implicit", PORTS)
def test_swaks_delivers_and_the_letter_is_read_over_imap(demo: Demo, implicit: bool) -> None:
    bob, alice = demo.person("bob"), demo.person("alice")
    subject = f"By swaks, implicit {implicit}"
    done = swaks(demo, bob, alice, implicit, "--header", f"Subject: {subject}")
    assert done.returncode == 0, done.stdout + done.stderr
    with imap(demo, alice) as reading:
        assert found(reading, subject)


@pytest.mark.parametrize("implicit", PORTS)
def test_a_foreign_from_is_refused_and_nothing_is_delivered(demo: Demo, implicit: bool) -> None:
    bob, alice = demo.person("bob"), demo.person("alice")
    subject = f"Not from me, implicit {implicit}"
    header = swaks(demo, bob, alice, implicit, "--header", f"Subject: {subject}", "--h-From", alice.email)
    assert header.returncode != 0
    assert "550 5.7.1" in header.stdout
    envelope = swaks(demo, bob, alice, implicit, "--header", f"Subject: {subject}", "--from", alice.email)
    assert envelope.returncode == SENDER_REFUSED
    assert "550 5.7.1" in envelope.stdout
    with imap(demo, alice) as reading:
        assert not found(reading, subject)


def test_before_starttls_no_mechanism_is_offered_and_none_is_taken(demo: Demo) -> None:
    alice = demo.person("alice")
    with smtplib.SMTP("localhost", demo.port("submission"), timeout=PATIENCE) as session:
        session.ehlo()
        assert "auth" not in session.esmtp_features and "starttls" in session.esmtp_features
        code, words = session.docmd("AUTH", "PLAIN AGFsaWNlAHNlY3JldA==")
        assert (code, words[:5]) == (530, b"5.7.0"), words
        code, words = session.docmd("MAIL", f"FROM:<{alice.email}>")
        assert code == 530, words


def test_only_a_password_for_submission_opens_submission(demo: Demo) -> None:
    alice = demo.person("alice")
    for secret, code, words in (
        (alice.password, 535, b"5.7.8"),
        (alice.app_password("imap"), 535, b"made for another service"),
    ):
        with open_submission(demo, implicit=True) as session:
            with pytest.raises(smtplib.SMTPAuthenticationError) as refused:
                session.login(alice.email, secret)
            assert refused.value.smtp_code == code
            assert words in refused.value.smtp_error


def test_a_letter_to_several_is_delivered_to_each(demo: Demo) -> None:
    alice, others = demo.person("alice"), [demo.person("bob"), demo.person("haruka")]
    made = letter(alice, others[0], "To both of you")
    with open_submission(demo, implicit=False) as session:
        session.login(alice.email, alice.app_password("submission"))
        assert session.send_message(made, to_addrs=[person.email for person in others]) == {}
    for person in others:
        with imap(demo, person) as reading:
            assert found(reading, "To both of you")
