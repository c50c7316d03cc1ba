"""Two proxy workers on the same ports: one list of who is in, one revocation, one kill switch for both."""

import contextlib
import os
import signal
import time
from collections.abc import Iterator

import pytest

from tests.e2e.demo import Demo, Person, gone
from tests.e2e.mail import Idling, imap
from tests.e2e.tuned import tuned

pytestmark = pytest.mark.e2e

MOST_CONNECTIONS = 40
WITHIN = 5.0

Held = dict[str, list[Idling]]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with tuned(tmp_path_factory.mktemp("pair"), "workers = 2") as demo:
        yield demo


def listed(demo: Demo, person: Person) -> dict[str, str]:
    """Return a person's live IMAP sessions: id -> the worker that carries it."""
    items = demo.orders("session", "list", "--user", person.name, "--service", "imap")["items"]
    return {each["id"]: each["node"] for each in items}


def on_both(demo: Demo, person: Person, secret: str = "") -> list[Idling]:
    """Open sessions until both workers carry some; the kernel spreads connections by chance."""
    held: list[Idling] = []
    for _ in range(MOST_CONNECTIONS):
        held.append(Idling(demo, person, secret or person.app_password("imap")))
        if len(held) >= 4 and len(set(listed(demo, person).values())) == 2:
            return held
    raise AssertionError("one worker got every connection")


def until_listed(demo: Demo, person: Person, wanted: int) -> dict[str, str]:
    """Wait until that many sessions are listed."""
    until = time.monotonic() + WITHIN
    while len(found := listed(demo, person)) != wanted:
        assert time.monotonic() < until, found
    return found


def test_both_workers_are_listed_and_a_revocation_ends_what_either_carries(pair: Demo) -> None:
    bob = pair.person("bob")
    held = on_both(pair, bob)
    assert len(until_listed(pair, bob, len(held))) == len(held)
    pair.orders("device", "revoke", bob.laptop["id"], "--note", "left in a taxi")
    for session in held:
        assert session.rest()[-1].startswith("* BYE ")
    until_listed(pair, bob, 0)


def test_the_kill_switch_reaches_the_one_session_in_whichever_worker(pair: Demo) -> None:
    alice = pair.person("alice")
    held = on_both(pair, alice)
    sessions = until_listed(pair, alice, len(held))
    chosen = {node: session for session, node in sessions.items()}
    for session in chosen.values():
        pair.orders("session", "end", session)
    left = until_listed(pair, alice, len(held) - 2)
    assert not set(chosen.values()) & set(left)
    pair.orders("session", "end", "--user", alice.name)
    for one in held:
        assert one.rest()[-1].startswith("* BYE ")
    until_listed(pair, alice, 0)


def test_a_killed_workers_sessions_vanish_and_the_others_stay(pair: Demo) -> None:
    haruka = pair.person("haruka")
    held = on_both(pair, haruka)
    sessions = until_listed(pair, haruka, len(held))
    doomed = next(iter(sessions.values()))
    pid = int(doomed.rpartition("-")[2])
    os.kill(pid, signal.SIGKILL)
    assert gone(pid, WITHIN)
    began = time.monotonic()
    staying = {session for session, node in sessions.items() if node != doomed}
    assert set(until_listed(pair, haruka, len(staying))) == staying
    pair.hears("killed by SIGKILL", seconds=WITHIN)
    while len([line for line in pair.processes().values() if "--role proxy" in line]) < 2:
        assert time.monotonic() - began < WITHIN
    for session in held:
        session.socket.close()
    with imap(pair, haruka) as back:
        assert back.select("INBOX", readonly=True)[0] == "OK"


def test_every_worker_lets_the_same_person_in(pair: Demo) -> None:
    haruka = pair.person("haruka")
    with contextlib.ExitStack() as open_sessions:
        for _ in range(6):
            open_sessions.enter_context(imap(pair, haruka))
