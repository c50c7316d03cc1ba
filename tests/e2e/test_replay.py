"""A month of an office, 100,000 decisions: made again to the letter, and drafts that name exactly the right people."""

import asyncio
import json
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest

from gatepost.household.configuration import load
from gatepost.household.identity import open_identity
from idp.admin.actor import Actor
from idp.admin.replaying import State, Wish
from tests.e2e.demo import ROOT, Demo

pytestmark = pytest.mark.e2e

DECISIONS, DAYS = 100_000, 30
LONGEST = 300.0
SOON = 60.0
STALL = 0.020
POLICY = (ROOT / "deploy" / "policies" / "demo.yaml").read_text(encoding="utf-8")
OFFICE = ip_network("192.0.2.0/24")
PROGRAMS = "mail programs of staff, on registered devices"
Record = dict[str, Any]


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A demo that runs while a month is recorded in its log."""
    made = Demo(tmp_path_factory.mktemp("month"))
    made.start()
    try:
        argv = [sys.executable, "-m", "gatepost", "demo", "--directory", str(made.directory), "traffic"]
        wish = ["--decisions", str(DECISIONS), "--days", str(DAYS), "--until", "2026-10-01T00:00", "--seed", "7"]
        done = subprocess.run([*argv, *wish], cwd=ROOT, capture_output=True, text=True, timeout=LONGEST, check=False)
        assert done.returncode == 0 and f"recorded {DECISIONS:,} decisions" in done.stdout, done.stdout + done.stderr
        yield made
    finally:
        made.stop()


@pytest.fixture(scope="module")
def records(month: Demo) -> list[Record]:
    """Every recorded decision of the month, read from the file with nothing of ours."""
    with sqlite3.connect(f"file:{month.directory / 'state' / 'gatepost.db'}?mode=ro", uri=True) as file:
        rows = file.execute("SELECT body FROM audit WHERE kind = 'decided'").fetchall()
    file.close()
    read: list[Record] = [json.loads(body) for (body,) in rows]
    return read


def replayed(demo: Demo, *words: str, text: str | None = None) -> tuple[Any, float]:
    """Run ``gatepost policy replay`` against the running demo; return what was found and how many seconds it took."""
    began = time.monotonic()
    found = demo.orders("policy", "replay", *words, text=text)["found"]
    return found, time.monotonic() - began


def test_the_chain_holds_and_the_month_looks_like_an_office(month: Demo, records: list[Record]) -> None:
    assert month.orders("audit", "verify")["good"]
    assert len(records) == DECISIONS
    weekdays = Counter(time.gmtime(record["at"] + 9 * 3600).tm_wday for record in records)
    hours = Counter(time.gmtime(record["at"] + 9 * 3600).tm_hour for record in records)
    assert max(weekdays[5], weekdays[6]) < min(weekdays[day] for day in range(5)) / 3
    assert hours[10] > 10 * hours[3]
    assert {record["outcome"] for record in records} == {"allow", "deny", "step_up"}
    assert {"imap", "submission", "webmail", "portal", "console"} < {record["service"] for record in records}
    assert len({record["user"] for record in records}) > 30


def test_its_own_revision_makes_every_decision_again(month: Demo, records: list[Record]) -> None:
    found, seconds = replayed(month)
    print(f"replayed {found['replayed']:,} decisions in {seconds:.1f} s")
    assert seconds < SOON
    left_out = sum(each["decisions"] for each in found["others"])
    assert {each["reason"] for each in found["others"]} == {"user-disabled"}
    assert found["replayed"] == found["same"] == DECISIONS - left_out > 0.9 * DECISIONS
    assert (found["unreadable"], found["faults"]) == ([], 0)


def managed_only(record: Record) -> str:
    mine = record["service"] in ("imap", "submission") and record["rule"] == PROGRAMS
    return "denied" if mine and record["facts"]["device"]["trust"] == "enrolled" else ""


def at_home(record: Record) -> str:
    stays = record["service"] != "webmail" or record["outcome"] == "deny" or ip_address(record["address"]) in OFFICE
    return "" if stays else "denied"


def within_an_hour(record: Record) -> str:
    shown = record["facts"].get("factors", {}).get("totp", 0.0)
    mine = record["service"] == "portal" and record["outcome"] == "allow"
    return "stepped_up" if mine and record["at"] - shown >= 3600 else ""


LINES = POLICY.splitlines()
RULE = LINES.index(f"  - name: {PROGRAMS}")
PORTAL = next(nth for nth, line in enumerate(LINES) if "factors: [totp, passkey, recovery]" in line)


def with_line(number: int, old: str, new: str) -> str:
    """Return the demo's policy with something else on one line."""
    assert old in LINES[number]
    return "\n".join([*LINES[:number], LINES[number].replace(old, new), *LINES[number + 1 :]]) + "\n"


def at_the_top(head: str, rule: str) -> str:
    """Return the demo's policy with a rule before all others."""
    return POLICY.replace("rules:\n", f"{head}rules:\n{rule}", 1)


DRAFTS: list[tuple[str, Callable[[Record], str], str]] = [
    (with_line(RULE + 3, "[enrolled, managed]", "managed"), managed_only, "denied"),
    (
        at_the_top(
            "networks: {office: [192.0.2.0/24]}\n",
            "  - {name: webmail in the office only, service: webmail, network: {not_in: office}, then: deny}\n",
        ),
        at_home,
        "denied",
    ),
    (with_line(PORTAL, "recovery]", "recovery], within: 1h"), within_an_hour, "stepped_up"),
]


@pytest.mark.parametrize(("draft", "expected", "turn"), DRAFTS, ids=["managed-only", "office-only", "within-an-hour"])
def test_a_stricter_draft_names_exactly_the_right_people(
    month: Demo, records: list[Record], draft: str, expected: Callable[[Record], str], turn: str
) -> None:
    by_policy = [record for record in records if record["reason"] in ("", "policy", "step-up") and record["revision"]]
    touched = [record for record in by_policy if expected(record) == turn]
    assert len(touched) > 100

    found, seconds = replayed(month, "-", "--examples", "5", text=draft)
    assert seconds < SOON
    group = found["turned"][turn]
    assert {each["user"]: each["decisions"] for each in group["users"]} == Counter(one["user"] for one in touched)
    assert {each["service"]: each["decisions"] for each in group["services"]} == Counter(
        one["service"] for one in touched
    )
    assert found["same"] + found["moved"]["decisions"] == len(by_policy) - len(touched)
    assert len(group["examples"]) == 5


def test_the_last_days_alone_can_be_asked(month: Demo, records: list[Record]) -> None:
    found, _ = replayed(month, "--since", "2026-09-24T00:00")
    since = 1_790_208_000.0
    assert found["seen"] == sum(record["at"] >= since for record in records) > 10_000
    latest, _ = replayed(month, "--limit", "1000")
    assert latest["seen"] == 1000 and latest["first_at"] == sorted(record["at"] for record in records)[-1000]


def test_the_loop_has_its_turn_all_the_while(month: Demo) -> None:
    """A busy machine makes any loop wait now and then, so this looks at how often, beside the same loop at rest."""

    async def waits(directory: Path) -> tuple[float, float]:
        identity = open_identity(load(directory / "gatepost.toml"))
        await identity.load()
        replaying, over = identity.acts.replaying, asyncio.Event()
        late: list[bool] = []

        async def tick() -> None:
            while not over.is_set():
                began = time.monotonic()
                await asyncio.sleep(0.001)
                late.append(time.monotonic() - began > STALL)

        async def share(work: Callable[[], Any]) -> float:
            over.clear()
            late.clear()
            ticking = asyncio.ensure_future(tick())
            await work()
            over.set()
            await ticking
            return sum(late) / len(late)

        async def replay() -> None:
            job = await replaying.start(Actor.on_this_machine("test"), Wish(text=DRAFTS[0][0]))
            assert (await replaying.wait(job.id, LONGEST)).state is State.DONE
            assert job.done >= DECISIONS

        try:
            return await share(replay), await share(lambda: asyncio.sleep(2.0))
        finally:
            await identity.close()

    busy, idle = asyncio.run(waits(month.directory))
    print(f"more than {STALL * 1000:.0f} ms late: {busy:.2%} of all turns during a replay, {idle:.2%} at rest")
    assert busy < 0.01 + 2 * idle
