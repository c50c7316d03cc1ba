"""POP3 at the demo by poplib, over both ports: a letter is fetched as it was, and deleted by a good end alone."""

import poplib
import time

import pytest

from tests.e2e.demo import Demo, Person
from tests.e2e.mail import PATIENCE, found, imap, letter, open_submission
from tests.hostile.line import Line

pytestmark = pytest.mark.e2e

PORTS = [pytest.param("pop3s", id="995"), pytest.param("pop3", id="110")]


def open_pop3(demo: Demo, port: str) -> poplib.POP3:
    """Return a connection to port 995's or 110's stand-in, inside TLS, not logged in."""
    if port == "pop3s":
        return poplib.POP3_SSL("localhost", demo.port(port), context=demo.trust(), timeout=PATIENCE)
    session = poplib.POP3("localhost", demo.port(port), timeout=PATIENCE)
    session.stls(demo.trust())
    return session


def log_in(session: poplib.POP3, person: Person, secret: str = "") -> poplib.POP3:
    session.user(person.email)
    session.pass_(secret or person.app_password("pop3"))
    return session


def numbered(session: poplib.POP3, subject: str) -> int:
    """Return the number of the letter with a subject, 0 when there is none."""
    count, _ = session.stat()
    heads = {number: session.top(number, 0)[1] for number in range(1, count + 1)}
    return next((number for number, head in heads.items() if f"Subject: {subject}".encode() in head), 0)


@pytest.mark.parametrize("port", PORTS)
def test_a_letter_is_fetched_as_it_was_and_deleted_by_quit_alone(demo: Demo, port: str) -> None:
    alice, bob = demo.person("alice"), demo.person("bob")
    subject = f"By POP3 at {port} {time.time()}"
    text = "dots\n.one\n..two\n.\n" + "x" * 70 + "\n"
    with open_submission(demo, implicit=True) as sending:
        sending.login(alice.email, alice.app_password("submission"))
        sending.send_message(letter(alice, bob, subject, text))

    session = log_in(open_pop3(demo, port), bob)
    number = numbered(session, subject)
    assert text.encode().splitlines() == session.retr(number)[1][-5:]
    session.dele(number)
    session.close()  # no QUIT: nothing happens to the mailbox (RFC 1939, section 6)
    session = log_in(open_pop3(demo, port), bob)
    session.dele(numbered(session, subject))
    session.quit()
    with imap(demo, bob) as reading:
        assert not found(reading, subject)


def test_a_refusal_says_why_and_where_to_learn_more(demo: Demo) -> None:
    alice = demo.person("alice")
    with pytest.raises(poplib.error_proto, match=r"-ERR \[AUTH\] User name or password is wrong\.'"):
        log_in(open_pop3(demo, "pop3s"), alice, alice.password)
    with pytest.raises(poplib.error_proto, match=rf"-ERR \[AUTH\] This app password .* {demo.issuer}/r/"):
        log_in(open_pop3(demo, "pop3s"), alice, alice.app_password("imap"))


def test_revoking_the_device_closes_the_session(demo: Demo) -> None:
    bob = demo.person("bob")
    session = log_in(open_pop3(demo, "pop3s"), bob)
    session.noop()
    demo.orders("device", "revoke", bob.laptop["id"])
    with pytest.raises((poplib.error_proto, ConnectionError)):
        session.noop()
    with pytest.raises(poplib.error_proto, match=r"\[AUTH\] This device was reported lost or was revoked\."):
        log_in(open_pop3(demo, "pop3s"), bob)
    demo.orders("device", "restore", bob.laptop["id"])


@pytest.mark.parametrize("port", PORTS)
@pytest.mark.parametrize(
    "octets",
    [
        pytest.param(b"A" * (1 << 20), id="a line of 1 MiB"),
        pytest.param(b"\0" * 70_000 + b"\r\n", id="NULs"),
        pytest.param(b"NOSUCH thing\r\n" * 1000, id="no such command, a thousand times"),
        pytest.param(b"NOOP\r\n" * 1000, id="a thousand commands"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", id="HTTP GET"),
        pytest.param(b"\x16\x03\x01\x02\x00" + b"\x01" * 3000 + b"\r\n" * 20, id="a TLS hello in the wrong place"),
    ],
)
def test_nonsense_is_told_so_and_cut(demo: Demo, port: str, octets: bytes) -> None:
    line = Line(demo, demo.port(port), port == "pop3s")
    line.hear(b"\r\n")
    line.send(octets)
    heard = line.hear()
    assert heard.closed
    assert heard.lines[-1].startswith(b"-ERR ")
    assert len(heard.octets) < 4096
