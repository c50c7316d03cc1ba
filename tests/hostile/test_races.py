"""Many at once, and the plug pulled: what may happen once happens once, what was acknowledged is there afterwards, and
nobody is in who should be out (attacks C6, D2, D11, H2, H5)."""

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import pytest

from gatepost.admin_client import AdminClient
from kernel.problems import Unavailable
from tests.e2e.demo import Demo, Person
from tests.e2e.mail import Idling, refusal
from tests.e2e.tokens import Tokens
from tests.hostile.line import PATIENCE
from tests.hostile.person import Visitor

pytestmark = pytest.mark.e2e
T = TypeVar("T")
CROWD = 12
MOST_DEVICES = 60
"""A person may have a hundred; killed acts that were not acknowledged may count too."""


def at_once(works: list[Callable[[], T]]) -> list[T]:
    """Do everything at the same moment, as well as threads can."""
    start = threading.Barrier(len(works))

    def run(work: Callable[[], T]) -> T:
        start.wait(PATIENCE)
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def test_one_totp_code_lets_one_of_many_browsers_in(demo: Demo) -> None:
    """Attack D2, through the real proxy."""
    bob = demo.person("bob")
    browsers = [Visitor(demo, bob) for _ in range(CROWD)]
    for browser in browsers:
        browser.show_password()
    code = demo.code(bob)

    def shows(browser: Visitor) -> bool:
        browser.send("/signin/code", code=code)
        browser.open("/portal")
        return browser.page.url.path == "/portal" and browser.page.status_code == 200

    assert sum(at_once([lambda browser=browser: shows(browser) for browser in browsers])) == 1


def test_one_code_and_one_refresh_token_are_redeemed_once(demo: Demo) -> None:
    """Attacks C6 and C12: and whoever lost the race has ended the grant for all."""
    visitor = Visitor(demo, demo.person("alice"))
    visitor.sign_in()
    visitor.register("Racer")
    client = Tokens(demo)
    code = visitor.code_for(client.client_id, client.redirect_uri, "openid offline_access", client.verifier)

    answers = at_once([lambda: client.redeem(code)] * CROWD)

    won = [told for status, told in answers if status == 200]
    assert len(won) == 1
    assert {told["error"] for status, told in answers if status != 200} == {"invalid_grant"}
    assert not client.active(won[0]["access_token"])

    again = Tokens(demo)
    code = visitor.code_for(again.client_id, again.redirect_uri, "openid offline_access", again.verifier)
    _, told = again.redeem(code)
    refreshed = [
        got for status, got in at_once([lambda: again.refresh(told["refresh_token"])] * CROWD) if status == 200
    ]
    assert len(refreshed) == 1
    assert not again.active(refreshed[0]["access_token"])


@contextmanager
def knocking(demo: Demo, person: Person, threads: int = 4) -> Iterator[list[socket.socket]]:
    """Log in over IMAPS again and again; yield the sessions that were let in, all of them still held."""
    held: list[socket.socket] = []
    over = threading.Event()

    def knock() -> None:
        while not over.is_set() and len(held) < 150:
            with suppress(OSError):
                plain = socket.create_connection(("localhost", demo.port("imaps")), PATIENCE)
                line = demo.trust().wrap_socket(plain, server_hostname="localhost")
                line.sendall(f"a LOGIN {person.email} {person.app_password('imap')}\r\n".encode())
                heard = b""
                while b"a " not in heard:
                    piece = line.recv(4096)
                    if not piece:
                        break
                    heard += piece
                held.append(line) if b"a OK" in heard else line.close()

    workers = [threading.Thread(target=knock) for _ in range(threads)]
    for worker in workers:
        worker.start()
    try:
        yield held
    finally:
        over.set()
        for worker in workers:
            worker.join(PATIENCE)
        for line in held:
            line.close()


def enough(held: list[Any], count: int) -> None:
    until = time.monotonic() + PATIENCE
    while len(held) < count and time.monotonic() < until:
        time.sleep(0.01)
    assert len(held) >= count


def ended(line: socket.socket) -> bool:
    """Wait until the other side closes."""
    with suppress(ConnectionError):
        line.settimeout(3.0)
        try:
            while line.recv(4096):
                pass
        except TimeoutError:
            return False
    return True


MAIL_RULE = (
    "who: {groups: [staff, mail-admins]}\n    service: [imap, pop3, submission, sieve]\n"
    "    device: {trust: [enrolled, managed]"
)


@contextmanager
def shut_out(demo: Demo, person: Person, how: str) -> Iterator[None]:
    """Take somebody's access away in one of three ways, and give it back afterwards."""
    present = demo.orders("policy", "show")
    without = MAIL_RULE.replace("mail-admins]}", f"mail-admins], not_users: [{person.email}]}}")
    laptop, number = person.laptop["id"], str(present["number"])
    orders = {
        "device": (("device", "revoke", laptop), ("device", "restore", laptop)),
        "user": (("user", "disable", person.name), ("user", "enable", person.name)),
        "policy": (("policy", "publish", "-", "--base", number), ("policy", "rollback", number)),
    }
    away, back = orders[how]
    demo.orders(*away, text=present["text"].replace(MAIL_RULE, without))
    try:
        yield
    finally:
        demo.orders(*back)


@pytest.mark.parametrize(("how", "who"), [("device", "haruka"), ("user", "bob"), ("policy", "alice")])
def test_no_session_slips_in_beside_a_revocation(demo: Demo, how: str, who: str) -> None:
    """While four clients log in without a pause: whoever got in before and meanwhile, nobody is in when it is over."""
    person = demo.person(who)
    with knocking(demo, person) as held:
        enough(held, 20)
        with shut_out(demo, person, how):
            refused = refusal(demo, person.email, person.app_password("imap"))
            assert [line for line in held if not ended(line)] == []
    assert refused


def test_a_gate_cut_off_from_the_truth_lets_nobody_stay_and_catches_up_when_it_is_back(impatient: Demo) -> None:
    """Attack H2: the identity side hangs; after max_stale (2 s here) all is ended, and what comes then counts."""
    demo, alice = impatient, impatient.person("alice")
    idling = Idling(demo, alice, alice.app_password("imap"))
    identity = demo.role("--role idp")
    os.kill(identity, signal.SIGSTOP)
    try:
        lines = idling.rest()
        assert lines[-1].startswith("* BYE ")
        assert "UNAVAILABLE" in refusal(demo, alice.email, alice.app_password("imap"))
    finally:
        os.kill(identity, signal.SIGCONT)
    demo.orders("device", "revoke", alice.laptop["id"])
    until = time.monotonic() + PATIENCE
    while "UNAVAILABLE" in (said := refusal(demo, alice.email, alice.app_password("imap"))):
        assert time.monotonic() < until
    assert "AUTHORIZATIONFAILED" in said


class Registrar:
    """Registers devices without a pause over the admin socket, and remembers which were acknowledged."""

    def __init__(self, demo: Demo, name: str) -> None:
        self._client = AdminClient(demo.directory / "state" / "run" / "admin.sock")
        self._name = name
        self.acknowledged: list[str] = []
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        while not self.over.is_set() and len(self.acknowledged) < MOST_DEVICES:
            body = {"owner": self._name, "name": f"{self._name} {len(self.acknowledged)}"}
            try:
                status, told = self._client.call("POST", "/devices", body)
            except Unavailable:
                time.sleep(0.01)  # it is being started again
                continue
            if status == 201:
                self.acknowledged.append(str(told.get("id") or told["device"]["id"]))


def test_an_identity_side_killed_under_load_has_lost_nothing_that_it_acknowledged(impatient: Demo) -> None:
    """Attack H5: kill -9 in the midst of writes, three times over; every acknowledged one is there, the audit whole."""
    registrars = [Registrar(impatient, name) for name in ("alice", "bob", "haruka")]
    for registrar in registrars:
        registrar.thread.start()
    for wanted in (10, 20, 30):
        until = time.monotonic() + PATIENCE
        while sum(len(each.acknowledged) for each in registrars) < wanted and time.monotonic() < until:
            time.sleep(0.005)
        identity = impatient.role("--role idp")
        os.kill(identity, signal.SIGKILL)
        _back(impatient, identity)
    for registrar in registrars:
        registrar.over.set()
        registrar.thread.join(PATIENCE)

    kept = {each["id"] for each in impatient.orders("device", "list")["items"]}
    acknowledged = {each for registrar in registrars for each in registrar.acknowledged}
    assert len(acknowledged) >= 30
    assert acknowledged <= kept
    impatient.orders("audit", "verify")


def _back(demo: Demo, before: int) -> None:
    """Wait until another process plays the identity side and answers."""
    client = AdminClient(Path(demo.directory) / "state" / "run" / "admin.sock")
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with suppress(Unavailable, AssertionError):
            if demo.role("--role idp") != before and client.call("GET", "/users")[0] == 200:
                return
        time.sleep(0.02)
    raise AssertionError("it did not come back")
