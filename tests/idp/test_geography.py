"""The identity side knows where an address is: in its own decisions, and when it explains one."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from idp.admin.explaining import Explaining, Question
from idp.authority.subjects import Subjects
from idp.judge import Judge
from idp.signins import SignIns
from kernel.authority import SubjectKey
from kernel.chance import SeededChance
from kernel.geography import NOWHERE, Location
from kernel.ports import Writer
from kernel.records.changes import POLICY
from kernel.records.policy import PolicyRevision
from kernel.records.sessions import Factor
from policies.model import Outcome
from tests.idp.authority.site import House, house

RULES = """version: 1
rules:
  - {name: odd, signin: {new_country: true}, then: deny}
  - {name: far, signin: {impossible_travel: true}, then: deny}
  - {name: japan, who: {groups: [staff]}, service: portal, network: {countries: [JP, DE]}, then: allow}
"""
TOKYO, BERLIN = "203.0.113.1", "203.0.113.2"
PLACES = {
    TOKYO: Location("JP", latitude=35.7, longitude=139.7),
    BERLIN: Location("DE", latitude=52.5, longitude=13.4),
}


class Places:
    tells = frozenset({"country", "spot"})

    def locate(self, address: str) -> Location:
        return PLACES.get(address, NOWHERE)


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path) as home:

        def publish(tx: Writer) -> None:
            tx.insert(PolicyRevision("1", 1, RULES, "admin:root", 1.0))
            tx.note(POLICY)

        await home.store.write(publish)
        yield home


async def test_a_sign_in_is_judged_by_where_it_began_and_where_it_is_used(home: House) -> None:
    judge = Judge(home.store, home.clock, geography=Places())
    signins = SignIns(home.store, home.vault, home.clock, SeededChance(), 3600.0, Places())
    await judge.load()

    async def decided(begun: str, used: str) -> str:
        signin, _ = await signins.begin(home.anna, [Factor.PASSWORD], begun, "")
        key = SubjectKey(home.anna.id, signin_id=signin.id)
        subject = await home.store.read(lambda tx: Subjects(home.clock)(tx, key))
        assert subject is not None
        decision = judge.decide(subject, "portal", used)
        if decision.outcome is Outcome.ALLOW:
            await signins.learn(signin)
        return decision.rule

    assert await decided(TOKYO, TOKYO) == "japan"
    assert await decided(TOKYO, "10.0.0.1") == ""
    assert await decided(BERLIN, BERLIN) == "odd"
    assert await decided(BERLIN, BERLIN) == "odd"
    assert await decided(TOKYO, BERLIN) == "japan"
    assert await decided("10.0.0.1", TOKYO) == "odd"  # nobody knows where that is


async def test_an_explanation_is_what_a_sign_in_from_there_would_meet(home: House) -> None:
    explaining = Explaining(home.store, home.clock, Places())
    signins = SignIns(home.store, home.vault, home.clock, SeededChance(), 3600.0, Places())

    async def explained(address: str) -> str:
        question = Question("portal", user="anna", address=address, factors=["password"])
        return (await explaining.explain(question)).decision.rule

    assert await explained(TOKYO) == "japan"
    assert await explained(BERLIN) == "japan"  # nothing on record to differ from
    signin, _ = await signins.begin(home.anna, [Factor.PASSWORD], TOKYO, "")
    await signins.learn(signin)
    assert await explained(TOKYO) == "japan"
    assert await explained(BERLIN) == "odd"
    facts = (await explaining.explain(Question("portal", user="anna", address=BERLIN, factors=["password"]))).facts
    assert (facts.country, facts.new_country, facts.impossible_travel) == ("DE", True, True)
