"""The agent's acts against a server of the test's: nonces, counters, renewal, trouble; and the watch that goes on."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.keys import FileKeeper, KeyTrouble, key_name
from agent.reporting import Reporter, enrol
from agent.server import Refusal, Unreachable
from agent.signals import Posture
from agent.state import NotEnrolled, State
from agent.status import ABSENT, GOOD, TROUBLED, status
from agent.watching import Watch
from idp.devices.reports import read, verifies
from tests.idp.devices.house import ANNA, ORIGIN, Site

HEALTHY = Posture("debian", {"firewall": True, "disk_encrypted": True})
WEAK = replace(HEALTHY, signals={"firewall": False, "disk_encrypted": True})


class Scripted:
    """A server that answers as the test says, and remembers what it was asked."""

    def __init__(self, *answers: Mapping[str, Any] | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def ask(self, act: str, **said: Any) -> Mapping[str, Any]:
        self.asked.append((act, said))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def acts(self) -> list[str]:
        return [act for act, _ in self.asked]


def counted(**more: Any) -> dict[str, Any]:
    return {"nonce": "next", "every": 300, "trust": "enrolled", "ignored": [], **more}


class Bench:
    """An enrolled agent: real key, real certificate, a scripted server."""

    def __init__(self, site: Site, folder: Path, chain: str, device: str) -> None:
        self.site, self.state, self.chain, self.device = site, State(folder), chain, device

    def reporter(self, *answers: Mapping[str, Any] | Exception, nonce: str = "n1") -> tuple[Reporter, Scripted]:
        server = Scripted(*answers)
        return Reporter(self.state, server, self.site.clock.now, nonce), server  # type: ignore[arg-type]


@pytest.fixture
async def bench(site: Site, tmp_path: Path) -> Bench:
    state = State(tmp_path / "agent")
    code = await site.devices.invite("admin:root", ANNA.id, "Laptop")
    made: list[tuple[str, str]] = []

    class Enrolment(Scripted):
        def ask(self, act: str, **said: Any) -> Mapping[str, Any]:
            self.asked.append((act, said))
            return {"device": made[0][0], "certificate": made[0][1], "every": 300, "mail": {"user": ANNA.email}}

    keeper = FileKeeper(state.key)
    keeper.make()
    device, chain = await site.devices.enrol(code, keeper.request()) or pytest.fail("not enrolled")
    made.append((device.id, chain))
    facts = enrol(state, Enrolment(), ORIGIN, code, "file", HEALTHY)  # type: ignore[arg-type]
    device, chain = await _again(site, state)
    state.write(state.certificate, chain)
    state.change(device=device)
    assert facts.mail == {"user": ANNA.email}
    return Bench(site, state.directory, chain, device)


async def _again(site: Site, state: State) -> tuple[str, str]:
    """Certify the key that enrolling made."""
    code = await site.devices.invite("admin:root", ANNA.id, "Laptop")
    device, chain = await site.devices.enrol(code, FileKeeper(state.key).request()) or pytest.fail("not enrolled")
    return device.id, chain


async def test_a_report_is_what_the_server_reads(bench: Bench) -> None:
    reporter, server = bench.reporter(counted())
    reporter.report(HEALTHY)
    ((act, said),) = server.asked
    told = read(said["report"])
    assert (act, told is not None) == ("report", True)
    assert told is not None
    assert (told.key_id, told.audience, told.nonce, told.counter) == (key_name(bench.chain), ORIGIN, "n1", 1)
    assert (told.signals, told.platform, told.csr) == (HEALTHY.signals, "debian", "")
    assert verifies(said["report"], bench.chain)
    assert reporter.nonce == "next"


async def test_no_counter_is_used_twice_even_when_the_answer_is_lost(bench: Bench) -> None:
    reporter, server = bench.reporter(Unreachable("gone"), counted())
    with pytest.raises(Unreachable):
        reporter.report(HEALTHY)
    reporter.report(HEALTHY)
    counters = [told.counter for _, said in server.asked if (told := read(said["report"]))]
    assert counters == [1, 2]


async def test_an_old_nonce_is_asked_for_anew_once(bench: Bench) -> None:
    reporter, server = bench.reporter(Refusal("nonce", "too old"), {"nonce": "n2"}, counted())
    reporter.report(HEALTHY)
    assert server.acts == ["report", "nonce", "report"]
    reporter, server = bench.reporter(
        Refusal("nonce", "too old"), {"nonce": "n2"}, Refusal("nonce", "too old"), nonce=""
    )
    server.answers.insert(0, {"nonce": "n0"})
    with pytest.raises(Refusal):
        reporter.report(HEALTHY)


async def test_past_half_its_life_the_certificate_is_renewed(bench: Bench) -> None:
    bench.site.clock.forward(46 * 86400)
    reporter, server = bench.reporter(counted(certificate="a new chain"))
    reporter.report(HEALTHY)
    told = read(server.asked[0][1]["report"])
    assert told is not None
    assert told.csr.startswith("-----BEGIN CERTIFICATE REQUEST-----")
    assert bench.state.certificate.read_text() == "a new chain"


async def test_status_says_how_things_stand(bench: Bench, tmp_path: Path) -> None:
    now = bench.site.clock.now
    assert status(State(tmp_path / "nothing"), HEALTHY, now()).code == ABSENT
    assert "service running" in status(bench.state, HEALTHY, now()).lines[-1]
    reporter, _ = bench.reporter(counted())
    reporter.report(HEALTHY)
    good = status(bench.state, HEALTHY, now())
    assert (good.code, good.lines[-1]) == (GOOD, "  firewall: yes")
    bench.site.clock.forward(901)
    assert status(bench.state, HEALTHY, now()).code == TROUBLED
    reporter, _ = bench.reporter(Refusal("device-out", "The device is reported lost."))
    with pytest.raises(Refusal):
        reporter.report(HEALTHY)
    troubled = status(bench.state, HEALTHY, now())
    assert (troubled.code, troubled.lines[-1]) == (
        TROUBLED,
        "The last report was not counted: The device is reported lost.",
    )


async def test_the_key_and_the_state_are_for_their_owner_alone(bench: Bench) -> None:
    modes = {path.name: path.stat().st_mode & 0o777 for path in bench.state.directory.iterdir()}
    assert modes == {"device.key": 0o600, "device.pem": 0o600, "agent.json": 0o600}


async def test_a_damaged_key_or_state_says_what_to_do(bench: Bench) -> None:
    bench.state.key.write_text("nonsense")
    with pytest.raises(KeyTrouble, match="enrol again"):
        bench.reporter(counted())[0].report(HEALTHY)
    (bench.state.directory / "agent.json").write_text("{")
    with pytest.raises(NotEnrolled, match="gatepost-agent enrol"):
        bench.reporter(counted())[0].report(HEALTHY)


class Hours:
    """Time that passes only while the watch waits."""

    def __init__(self, bench: Bench, most: int) -> None:
        self.bench, self.left, self.waited = bench, most, list[float]()

    def wait(self, seconds: float) -> bool:
        self.waited.append(seconds)
        self.bench.site.clock.forward(seconds)
        self.left -= 1
        return self.left > 0


async def test_the_watch_reports_every_few_minutes_and_at_once_on_a_change(bench: Bench) -> None:
    looks = [HEALTHY] * 35 + [WEAK] * 10
    reporter, server = bench.reporter(*(counted() for _ in range(9)))
    hours = Hours(bench, len(looks))
    Watch(reporter, iter(looks).__next__, hours.wait, lambda _: None).run()
    told = [report.signals["firewall"] for _, said in server.asked if (report := read(said["report"]))]
    assert told == [True, True, False]  # at once, after 300 s, and when the firewall went down
    assert max(hours.waited) == 10.0


async def test_the_watch_tries_later_and_later_and_ends_when_nobody_wants_it(bench: Bench) -> None:
    troubles = [Unreachable("gone")] * 4
    reporter, server = bench.reporter(*troubles, Refusal("device-out", "The device is reported lost."))
    hours, said = Hours(bench, 100), list[str]()
    with pytest.raises(Refusal):
        Watch(reporter, lambda: HEALTHY, hours.wait, said.append).run()
    assert len(said) == 4
    assert sum(hours.waited) == pytest.approx(5 + 10 + 20 + 40)
    assert server.acts == ["report"] * 5
