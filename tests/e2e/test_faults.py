"""Roles and mail systems that die under the demo: who is told what, how soon all is well again, and what stays true."""

import base64
import contextlib
import imaplib
import os
import signal
import smtplib
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.browser import visit
from tests.e2e.demo import LONGEST_START, Demo, Person, gone
from tests.e2e.mail import Idling, found, imap, letter, open_imap, open_submission

pytestmark = pytest.mark.e2e

BACK_WITHIN = 5.0
AT_ONCE = 2.0


def allowed(demo: Demo, person: Person) -> int:
    """Return how many IMAP sessions the audit log says were let in at their start."""
    entries = demo.orders("audit", "search", "--user", person.name, "--kind", "decided", "--limit", "1000")["items"]
    return sum(each["service"] == "imap" and each["outcome"] == "allow" and not each["again"] for each in entries)


def sessions(demo: Demo) -> set[str]:
    return {each["id"] for each in demo.orders("session", "list")["items"]}


def attempt(demo: Demo, person: Person) -> str:
    """Log in once; return "in", or what was said instead."""
    try:
        with imap(demo, person) as session:
            session.select("INBOX", readonly=True)
    except (OSError, imaplib.IMAP4.error) as refused:
        return str(refused)
    return "in"


def kill(pid: int) -> float:
    """kill -9; return the moment when it is dead."""
    os.kill(pid, signal.SIGKILL)
    assert gone(pid, 5.0)
    return time.monotonic()


def test_the_identity_side_killed_is_back_and_nobody_got_in_without_a_decision(demo: Demo) -> None:
    alice, bob = demo.person("alice"), demo.person("bob")
    revision = demo.orders("policy", "history")["items"][0]
    before = allowed(demo, bob)
    staying = Idling(demo, alice, alice.app_password("imap"))

    began = kill(demo.role("--role idp"))
    meanwhile = attempt(demo, bob)
    demo.hears("idp ended (killed by SIGKILL)", "idp serves again", seconds=LONGEST_START)
    assert attempt(demo, bob) == "in"
    assert time.monotonic() - began < BACK_WITHIN
    assert meanwhile == "in" or "[UNAVAILABLE]" in meanwhile

    staying.socket.sendall(b"DONE\r\n")
    assert staying.file.readline().startswith(b"c OK")
    staying.socket.close()
    assert demo.orders("policy", "history")["items"][0] == revision
    assert allowed(demo, bob) >= before + 1 + (meanwhile == "in")
    assert demo.orders("audit", "verify")["good"]


def test_a_killed_proxy_takes_its_sessions_along_and_is_back(demo: Demo) -> None:
    alice, bob = demo.person("alice"), demo.person("bob")
    before = sessions(demo)
    dying = Idling(demo, alice, alice.app_password("imap"))
    (session,) = sessions(demo) - before

    began = kill(demo.role("--role proxy"))
    with contextlib.suppress(OSError):  # a reset is an end as well
        assert not any(line.startswith("c ") for line in dying.rest())
    demo.hears("proxy 1 serves again", seconds=LONGEST_START)
    assert attempt(demo, bob) == "in"
    assert time.monotonic() - began < BACK_WITHIN
    assert session not in sessions(demo)
    assert demo.orders("audit", "verify")["good"]


def test_a_letter_that_was_acknowledged_before_the_kill_is_there_after_it(demo: Demo) -> None:
    alice, bob = demo.person("alice"), demo.person("bob")
    with open_submission(demo, implicit=True) as session:
        session.login(alice.email, alice.app_password("submission"))
        session.send_message(letter(alice, bob, "Before the fall"))
        kill(demo.role("--role proxy"))
        kill(demo.role("--role idp"))
        with pytest.raises((smtplib.SMTPException, OSError)):
            session.send_message(letter(alice, bob, "After the fall"))
    demo.hears("proxy 1 serves again", "idp serves again", seconds=LONGEST_START)
    with imap(demo, bob) as reading:
        assert found(reading, "Before the fall") and not found(reading, "After the fall")


@contextlib.contextmanager
def out_of_order(demo: Demo, program: str) -> Iterator[None]:
    """Kill a program that the demo runs, and keep whoever would start it again from noticing."""
    lines = {pid: line for pid, line in demo.processes().items() if program in line}
    (keeper,) = (pid for pid, line in lines.items() if "household.tether" in line)
    (victim,) = lines.keys() - {keeper}
    os.kill(keeper, signal.SIGSTOP)
    try:
        kill(victim)
        yield
    finally:
        os.kill(keeper, signal.SIGCONT)


def test_a_mail_system_that_is_down_is_said_at_once_and_forgiven_when_it_is_back(demo: Demo) -> None:
    bob = demo.person("bob")
    with out_of_order(demo, "mailstore.py"):
        began = time.monotonic()
        session = open_imap(demo)
        with pytest.raises(imaplib.IMAP4.error, match=r"\[UNAVAILABLE\]"):
            session.login(bob.email, bob.app_password("imap"))
        session.shutdown()
        with open_submission(demo, implicit=True) as sending:
            sending.ehlo()
            login = base64.b64encode(f"\0{bob.email}\0{bob.app_password('submission')}".encode()).decode()
            code, words = sending.docmd("AUTH", f"PLAIN {login}")
            assert (code, words[:5]) == (454, b"4.7.0")
        assert time.monotonic() - began < AT_ONCE
    demo.hears("mail system serves again", seconds=LONGEST_START)
    assert attempt(demo, bob) == "in"


def test_a_killed_keeper_takes_its_program_along_and_both_are_back(demo: Demo) -> None:
    lines = {pid: line for pid, line in demo.processes().items() if "mailstore.py" in line}
    (keeper,) = (pid for pid, line in lines.items() if "household.tether" in line)
    (program,) = lines.keys() - {keeper}
    kill(keeper)
    assert gone(program, BACK_WITHIN)
    demo.hears("mail system serves again", seconds=LONGEST_START)
    assert attempt(demo, demo.person("bob")) == "in"


@pytest.mark.parametrize(
    ("name", "locale", "words"),
    [
        pytest.param("bob", "en-GB", "The application does not answer", id="en"),
        pytest.param("haruka", "ja-JP", "アプリケーションが応答しません", id="ja"),
    ],
)
def test_a_webmail_that_is_down_is_a_page_at_once(
    demo: Demo, chromium: Browser, name: str, locale: str, words: str
) -> None:
    with visit(chromium, demo, name, language=locale) as person:
        person.sign_in(demo.webmail, register="A browser for bad days")
        with out_of_order(demo, "app.py"):
            began = time.monotonic()
            answer = person.page.goto(demo.webmail)
            assert answer is not None and answer.status == 502
            assert time.monotonic() - began < AT_ONCE
            expect(person.page.locator("main")).to_contain_text(words)


def test_a_broken_configuration_is_refused_with_its_place_and_the_old_one_stays_in_force(demo: Demo) -> None:
    bob = demo.person("bob")
    file = demo.directory / "gatepost.toml"
    good = file.read_text(encoding="utf-8")
    line = good[: good.index("[proxy]")].count("\n") + 1
    file.write_text(good.replace("[proxy]", "[prxy]"), encoding="utf-8")
    try:
        checked = demo.gatepost("check")
        assert checked.returncode == 2
        assert f"{line}:" in checked.stderr and "did you mean `proxy`" in checked.stderr
        os.kill(demo.pid, signal.SIGHUP)
        demo.hears("reload refused, the old configuration stays in force", seconds=LONGEST_START)
        kill(demo.role("--role proxy"))
        demo.hears("proxy 1 serves again", seconds=LONGEST_START)
        assert attempt(demo, bob) == "in"
    finally:
        file.write_text(good, encoding="utf-8")
    assert demo.gatepost("check").returncode == 0
    os.kill(demo.pid, signal.SIGHUP)
    assert attempt(demo, bob) == "in"
