"""Which copy of a file is in force: a good new one is taken on, a bad one never, and roles open the copies."""

import asyncio
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gatepost.geography.atlas import Atlas
from gatepost.geography.keeping import keep, open_geography, stamps
from gatepost.household.proxy_role import Renewing
from gatepost.household.reloading import Renewal
from kernel.config.reader import read_settings
from kernel.config.settings import GeographySettings, Settings
from kernel.geography import Geography, Nowhere
from tests.gatepost.geography.mmdb import write_mmdb

SITE = '[site]\nname = "Site"\nissuer = "https://id.example.com"\nstate = "state"\n'
GEOGRAPHY = '[geography]\ncountry = "country.mmdb"\nasn = "asn.mmdb"\nanonymous_list = "anonymous.txt"\n'


def country(path: Path, code: str) -> None:
    """Put a new database in its place, in one move."""
    fresh = write_mmdb(path.with_suffix(".fresh"), {"192.0.2.0/24": {"country": {"iso_code": code}}})
    fresh.replace(path)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    country(tmp_path / "country.mmdb", "JP")
    write_mmdb(tmp_path / "asn.mmdb", {"192.0.2.0/24": {"autonomous_system_number": 64500}}, "GeoLite2-ASN")
    (tmp_path / "anonymous.txt").write_text("198.51.100.0/24\n")
    return read_settings(SITE + GEOGRAPHY, tmp_path / "gatepost.toml")


def opened(settings: Settings, said: list[str], *, supervised: bool = True) -> Geography:
    return open_geography(settings, supervised=supervised, say=said.append)


def told(geography: Geography, address: str = "192.0.2.7") -> tuple[Any, ...]:
    found = geography.locate(address)
    return found.country, found.asn, found.anonymous


def test_an_installation_without_files_has_nothing_to_open() -> None:
    bare = replace(read_settings(SITE, Path("/nowhere/gatepost.toml")))
    assert isinstance(opened(bare, []), Nowhere)
    assert opened(bare, []).tells == frozenset()


def test_roles_open_what_the_supervisor_keeps(settings: Settings) -> None:
    said: list[str] = []
    keep(settings, said.append)
    geography = opened(settings, said)
    assert told(geography) == ("JP", 64500, False)
    assert told(geography, "198.51.100.9") == (None, None, True)
    assert geography.tells == {"country", "spot", "asn", "anonymous"}
    assert said == []


def test_a_file_written_over_in_place_touches_nothing_until_it_is_put_in_force(settings: Settings) -> None:
    said: list[str] = []
    keep(settings, said.append)
    geography, before = opened(settings, said), stamps(settings)
    assert settings.geography.country is not None
    os.truncate(settings.geography.country, 0)  # what is mapped from the copy stays as it was
    assert told(geography)[0] == "JP"
    country(settings.geography.country, "DE")
    assert told(opened(settings, said))[0] == "JP" and stamps(settings) == before
    keep(settings, said.append)
    assert told(opened(settings, said))[0] == "DE" and stamps(settings) != before
    assert said == []


def test_what_cannot_be_used_is_said_and_the_earlier_copy_stays(settings: Settings) -> None:
    said: list[str] = []
    keep(settings, said.append)
    before = stamps(settings)
    assert settings.geography.country is not None and settings.geography.anonymous_list is not None
    settings.geography.country.write_bytes(b"half a download")
    settings.geography.anonymous_list.write_text("198.51.100.0/24\nnonsense\n")
    keep(settings, said.append)
    assert [line.rpartition("; ")[2] for line in said] == ["the earlier copy stays in force"] * 2
    assert str(settings.geography.country) in said[0] and "anonymous.txt:2:" in said[1]
    assert told(opened(settings, said)) == ("JP", 64500, False) and stamps(settings) == before


def test_what_was_never_good_is_unknown_and_the_rest_works(settings: Settings) -> None:
    said: list[str] = []
    assert settings.geography.anonymous_list is not None
    settings.geography.anonymous_list.unlink()
    keep(settings, said.append)
    assert told(opened(settings, said)) == ("JP", 64500, None)
    assert [line.endswith("it is not used") for line in said] == [True, True]


def test_what_is_configured_no_more_is_kept_no_more(settings: Settings) -> None:
    keep(settings, print)
    assert sorted(stamps(settings)) == ["anonymous_list", "asn", "country"]
    keep(replace(settings, geography=GeographySettings(asn=settings.geography.asn)), print)
    assert sorted(stamps(settings)) == ["asn"]


def test_a_role_on_its_own_reads_the_operators_files(settings: Settings) -> None:
    assert told(opened(settings, [], supervised=False)) == ("JP", 64500, False)
    assert stamps(settings) == {}


async def test_the_identity_side_begins_anew_when_a_file_is_another_one(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gatepost.toml").write_text(SITE + GEOGRAPHY)
    monkeypatch.setenv("GATEPOST_IN_FORCE", str(tmp_path / "gatepost.toml"))
    keep(settings, print)
    renewal = Renewal(settings, asyncio.Event(), print)
    renewal.look()
    assert not renewal.due
    country(tmp_path / "country.mmdb", "DE")
    keep(settings, print)
    renewal.look()
    assert renewal.due


async def test_a_proxy_adopts_one_reading_after_the_other(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GATEPOST_IN_FORCE", raising=False)
    adopted: list[tuple[Settings, Any]] = []
    both = asyncio.Event()

    def adopt(fresh: Settings, geography: Geography | None) -> None:
        assert isinstance(geography, Atlas)
        adopted.append((fresh, geography.locate("192.0.2.7").country))
        if len(adopted) == 2:
            both.set()

    renewing, other = Renewing(adopt, print), replace(settings, geography=replace(settings.geography, max_age=1.0))
    renewing.renew(settings)
    renewing.renew(other)
    async with asyncio.timeout(10):
        await both.wait()
    assert adopted == [(settings, "JP"), (other, "JP")]
