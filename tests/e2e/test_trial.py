"""A trial while IMAP, a webmail page and submission run: every disagreement is counted as it comes, nothing is felt."""

import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Queue
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.browser import visit
from tests.e2e.demo import ROOT, Demo
from tests.e2e.mail import Idling, found, imap, letter, open_submission, refusal

pytestmark = pytest.mark.e2e

PATIENCE = 20.0
POLICY = (ROOT / "deploy" / "policies" / "demo.yaml").read_text(encoding="utf-8")
DRAFT = POLICY.replace(
    "rules:\n",
    "rules:\n"
    "  - {name: not bob, who: {users: bob}, service: [imap, submission, webmail, portal], then: deny}\n"
    "  - {name: carol too, who: {users: carol}, service: imap, then: allow}\n",
    1,
)
LIVE = "document.querySelector('#count').textContent.startsWith('(')"
Row = dict[str, Any]


class Followed:
    """``gatepost policy trial show --follow``, row by row."""

    def __init__(self, demo: Demo) -> None:
        argv = [str(demo.path(word)) if word.startswith(".") else word for word in demo.facts["command"]]
        self.process = subprocess.Popen(
            [*argv, "policy", "trial", "show", "--follow", "--json"], cwd="/", stdout=subprocess.PIPE, text=True
        )
        self._rows: Queue[Row | None] = Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._rows.put(json.loads(line))
        self._rows.put(None)

    def until(self, *services: str) -> list[Row]:
        """Return the rows that came until each of these services was among them."""
        rows: list[Row] = []
        while not set(services) <= {row["service"] for row in rows}:
            row = self._rows.get(timeout=PATIENCE)
            assert row is not None, rows
            rows.append(row)
        return rows


@contextmanager
def followed(demo: Demo) -> Iterator[Followed]:
    """Begin the trial and follow it; it is over at the end, whatever happens."""
    demo.orders("policy", "trial", "start", "-", "--comment", "without bob", text=DRAFT)
    following = Followed(demo)
    try:
        yield following
    finally:
        demo.gatepost("policy", "trial", "stop")
        assert following.process.wait(PATIENCE) == 0


def sessions(demo: Demo) -> dict[str, Any]:
    """Return bob's live sessions by their ids."""
    return {each["id"]: each for each in demo.orders("session", "list", "--user", "bob")["items"]}


def counts(demo: Demo) -> Any:
    return demo.orders("policy", "trial", "show")["counters"]


def test_disagreements_are_counted_live_and_nothing_is_enforced(demo: Demo, chromium: Browser) -> None:
    bob, carol = demo.person("bob"), demo.person("carol")
    with visit(chromium, demo, "bob") as page:
        page.sign_in(demo.webmail, register="Bob's on trial")
        page.page.wait_for_function(LIVE)
        idling = Idling(demo, bob, bob.app_password("imap"))
        sending = open_submission(demo, implicit=True)
        sending.login(bob.email, bob.app_password("submission"))
        before = sessions(demo)
        assert {"imap", "submission", "webmail"} <= {each["service"] for each in before.values()}

        with followed(demo) as following:
            rows = following.until("imap", "submission", "webmail")
            assert {(row["user"], row["turn"], row["would_rule"], row["live"]) for row in rows} == {
                ("bob", "denied", "not bob", True)
            }
            assert {row["session"] for row in rows} <= set(before) and all(row["again"] for row in rows)

            # Nobody feels it: the page, IDLE and a letter go on, and what begins now is let in.
            sending.send_message(letter(bob, demo.person("alice"), "Sent during a trial"))
            idling.socket.sendall(b"DONE\r\n")
            while not (line := idling.file.readline()).startswith(b"c "):
                assert line
            idling.order("d NOOP")
            with imap(demo, bob) as session:
                assert session.select("INBOX")[0] == "OK"
            page.page.goto(f"{demo.issuer}/portal")
            expect(page.page.locator("main")).to_contain_text("Bob's on trial")
            page.page.goto(demo.webmail)
            page.page.wait_for_function(LIVE)
            assert "AUTHORIZATIONFAILED" in refusal(demo, carol.email, carol.app_password("imap"))

            came = following.until("imap", "portal")
            while not any(row["user"] == "carol" for row in came):
                came += following.until("imap")
            assert {(row["user"], row["service"], row["turn"]) for row in came} >= {
                ("bob", "imap", "denied"),
                ("bob", "portal", "denied"),
                ("carol", "imap", "allowed"),
            }
            told = counts(demo)
            assert told["turned"]["denied"] >= 5 and told["turned"]["allowed"] == 1 and told["faults"] == 0
            assert told["judged"] >= 3 and {each["user"] for each in told["users"]} == {"bob", "carol"}

        # The webmail's own sessions end when a browser leaves the page, so only the mail programs' are looked for.
        programs = {session for session, each in before.items() if each["device"] == "bob-laptop"}
        assert len(programs) == 2 and programs <= set(sessions(demo))
        idling.socket.close()
        sending.quit()

    # The page's own mail sessions come and go until the trial is over: only then is nothing added any more.
    number = demo.orders("policy", "trial", "show")["trial"]["number"]
    entries = demo.orders("audit", "search", "--kind", "trial-differed", "--limit", "500")["items"]
    differed = [each for each in entries if each["trial"] == number]
    assert len(differed) == sum(counts(demo)["turned"].values()) >= sum(told["turned"].values())
    ended = [each["reason"] for each in demo.orders("audit", "search", "--kind", "session-ended")["items"]]
    assert "policy" not in ended[: len(before) + 2]
    with imap(demo, demo.person("alice")) as session:
        assert found(session, "Sent during a trial")
    assert demo.orders("audit", "verify")["good"]

    with imap(demo, bob):
        pass
    assert counts(demo)["turned"] == told["turned"]


def test_every_rule_is_counted_with_the_sessions_that_stand_on_it(demo: Demo) -> None:
    alice = demo.person("alice")
    rule = "mail programs of staff, on registered devices"

    def counted() -> Any:
        return next(each for each in demo.orders("policy", "counters")["items"] if each["rule"] == rule)

    before = counted()
    with imap(demo, alice), imap(demo, alice):
        during = counted()
        assert during["today"] >= before["today"] + 2 and during["day"] >= before["day"] + 2
        assert during["live"] >= 2 and during["outcome"] == "allow"
