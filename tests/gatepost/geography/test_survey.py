"""What an operator is told of the files: gone, damaged, old, or not there though the policy stands on them."""

from dataclasses import replace
from pathlib import Path

import pytest

from gatepost.geography.survey import geography_probe, survey, unlit
from idp.admin.health import State
from kernel.clock import SystemClock
from kernel.config.settings import GeographySettings, Settings, Site
from policies.language import load
from policies.model import Policy
from tests.gatepost.geography.mmdb import write_mmdb

NOW = 1_800_000_000.0
DAY = 86400.0


class Clock(SystemClock):
    def now(self) -> float:
        return NOW


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    tokyo = {"192.0.2.0/24": {"country": {"iso_code": "JP"}}}
    path = write_mmdb(tmp_path / "country.mmdb", tokyo, "GeoLite2-Country", built=NOW - 20 * DAY)
    return Settings(Site("Site", "https://id.example.com", tmp_path), geography=GeographySettings(country=path))


def policy(condition: str) -> Policy:
    head = "version: 1\nnetworks: {n: [192.0.2.1]}\nrules:\n"
    return load(f"{head}  - {{name: a, {condition}, who: {{groups: a}}, then: allow}}\n")


def test_a_file_is_good_until_it_is_old_or_cannot_be_read(settings: Settings) -> None:
    (good,) = survey(settings, NOW)
    assert (good.name, good.state, good.advice) == ("geography country", State.GOOD, "")
    assert good.seen.endswith("country.mmdb of 2026-12-26")
    (old,) = survey(settings, NOW + 30 * DAY)
    assert old.state is State.ATTENTION and old.advice.startswith("it is old: fetch it anew")
    never = replace(settings, geography=replace(settings.geography, max_age=0.0))
    assert [row.state for row in survey(never, NOW + 900 * DAY)] == [State.GOOD]
    assert settings.geography.country is not None
    settings.geography.country.write_bytes(b"half")
    (bad,) = survey(settings, NOW)
    assert bad.state is State.BAD and "is no MaxMind DB file" in bad.seen


@pytest.mark.parametrize(
    ("condition", "missing"),
    [
        ("network: {countries: [JP]}", []),
        ("network: {not_asn: [64500], in: n}", ["network.asn"]),
        ("network: {anonymous: false}", ["network.anonymous"]),
        ("signin: {new_country: true, impossible_travel: true}", ["signin.impossible_travel"]),
        ("device: {trust: managed}", []),
    ],
)
def test_keys_that_nothing_throws_light_on(condition: str, missing: list[str]) -> None:
    assert unlit(policy(condition), frozenset({"country"})) == missing


async def test_the_health_page_tells_files_and_needs_in_one_row(settings: Settings) -> None:
    async def row(asked: Policy | None, settings: Settings = settings) -> tuple[State, str]:
        found = await geography_probe(settings, lambda: asked, Clock())()
        return found.state, found.seen

    bare = replace(settings, geography=GeographySettings())
    assert await row(None, bare) == (State.GOOD, "")
    assert await row(policy("network: {countries: [JP]}"), bare) == (
        State.BAD,
        "the policy asks for network.countries, and nothing tells",
    )
    assert (await row(policy("network: {countries: [JP]}")))[0] is State.GOOD
    assert (await row(policy("network: {asn: [64500]}")))[0] is State.BAD
    assert settings.geography.country is not None
    settings.geography.country.unlink()
    state, seen = await row(policy("network: {countries: [JP]}"))
    assert state is State.BAD and "network.countries" in seen
    state, seen = await row(None)
    assert state is State.BAD and "cannot be read" in seen
