"""An identity side that hangs: after ``max_stale`` nobody gets in and whoever was in is out, until it answers again."""

import imaplib
import os
import signal
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.demo import Demo
from tests.e2e.mail import Idling, imap, open_imap
from tests.e2e.tuned import tuned

pytestmark = pytest.mark.e2e

MAX_STALE = 6.0
WITHIN = 6.0
"""Seconds beyond ``max_stale`` until everything has ended."""


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[Demo]:
    with tuned(tmp_path / "strict", f'max_stale = "{MAX_STALE:.0f}s"') as demo:
        yield demo


def health(demo: Demo) -> tuple[int, str]:
    """Return what the webmail's host says of the gate's health, and to a page load."""
    try:
        with urllib.request.urlopen(f"{demo.webmail}/.gatepost/healthz", context=demo.trust(), timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


def test_what_cannot_be_confirmed_ends_and_comes_back_when_it_can(strict: Demo) -> None:
    alice, bob = strict.person("alice"), strict.person("bob")
    idling = Idling(strict, alice, alice.app_password("imap"))
    assert health(strict)[0] == 200
    idp = strict.role("--role idp")
    began = time.monotonic()
    os.kill(idp, signal.SIGSTOP)
    try:
        lines = idling.rest()
        lasted = time.monotonic() - began
        assert lines[-1].startswith("* BYE [UNAVAILABLE]"), lines
        assert MAX_STALE - 5.0 < lasted < MAX_STALE + WITHIN
        assert_shut(strict, bob.email, bob.app_password("imap"))
    finally:
        os.kill(idp, signal.SIGCONT)
    until = time.monotonic() + WITHIN
    while health(strict)[0] != 200:
        assert time.monotonic() < until
    with imap(strict, bob) as back:
        assert back.select("INBOX", readonly=True)[0] == "OK"
    ends = strict.orders("audit", "search", "--user", "alice", "--kind", "session-ended")["items"]
    assert any(each["reason"] == "stale" for each in ends)
    assert strict.orders("audit", "verify")["good"]


def assert_shut(demo: Demo, name: str, secret: str) -> None:
    """Nobody gets in, whose credential is remembered or not, and everybody hears that it is our trouble."""
    code, said = health(demo)
    assert code == 503 and '"stale"' in said
    session = open_imap(demo)
    with pytest.raises(imaplib.IMAP4.error, match=r"\[UNAVAILABLE\]"):
        session.login(name, secret)
    session.shutdown()
    plain = ssl.create_default_context(cafile=str(demo.ca))
    cookie = {"Cookie": "__Host-gatepost-webmail=" + "x" * 43, "Sec-Fetch-Mode": "navigate"}
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(urllib.request.Request(demo.webmail, headers=cookie), context=plain, timeout=5)
    assert refused.value.code == 503
