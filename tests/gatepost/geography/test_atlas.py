"""What databases and lists say about an address, and what they leave unknown."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from gatepost.geography import atlas as atlas_module
from gatepost.geography.atlas import Atlas
from gatepost.geography.database import Database
from gatepost.geography.listing import Listing
from kernel.geography import NOWHERE, Location
from kernel.problems import Refused
from tests.gatepost.geography.mmdb import write_mmdb

TOKYO = {
    "country": {"iso_code": "JP", "names": {"en": "Japan"}},
    "registered_country": {"iso_code": "US"},
    "location": {"latitude": 35.69, "longitude": 139.69, "accuracy_radius": 20},
}


@pytest.fixture
def opened(tmp_path: Path) -> Any:
    def opened(networks: Mapping[str, Any], **how: Any) -> Database:
        return Database.open(write_mmdb(tmp_path / f"{len(list(tmp_path.iterdir()))}.mmdb", networks, **how))

    return opened


def test_a_city_database_gives_country_and_coordinates_at_either_spelling(opened: Any) -> None:
    atlas = Atlas(opened({"203.0.113.0/24": TOKYO, "2001:db8::/32": TOKYO}))
    tokyo = Location("JP", latitude=35.69, longitude=139.69, radius=20.0)
    for address in ("203.0.113.7", "::ffff:203.0.113.7", "2001:db8::1"):
        assert atlas.locate(address) == tokyo
    assert atlas.locate("203.0.114.7") == NOWHERE


@pytest.mark.parametrize("address", ["", "host", "203.0.113", "203.0.113.07", "203.0.113.7/32", "x" * 10_000])
def test_what_is_no_address_is_nowhere(opened: Any, address: str) -> None:
    assert Atlas(opened({"0.0.0.0/1": TOKYO, "128.0.0.0/1": TOKYO, "::/1": TOKYO})).locate(address) is NOWHERE


def test_a_narrow_network_refines_a_wide_one(opened: Any) -> None:
    berlin = {"country": {"iso_code": "DE"}}
    atlas = Atlas(opened({"198.51.100.128/25": berlin, "198.51.100.0/24": TOKYO, "198.51.100.130/32": {}}))
    assert [atlas.locate(f"198.51.100.{last}").country for last in (1, 129, 130)] == ["JP", "DE", None]


@pytest.mark.parametrize(
    ("record", "country"),
    [
        ({"country_code": "fr"}, "FR"),
        ({"country": "France", "country_code": "FR"}, "FR"),
        ({"country": {"names": {"en": "nobody knows"}}}, None),
        ({"registered_country": {"iso_code": "FR"}}, None),
        ({"country": {"iso_code": "FRA"}}, None),
        ({"country": {"iso_code": 33}}, None),
        (["FR"], None),
    ],
)
def test_countries_as_different_makers_write_them(opened: Any, record: Any, country: str | None) -> None:
    assert Atlas(opened({"192.0.2.0/24": record})).locate("192.0.2.9").country == country


@pytest.mark.parametrize(
    ("record", "asn"),
    [
        ({"autonomous_system_number": 64500}, 64500),
        ({"asn": "AS64500"}, 64500),
        ({"asn": "64500"}, 64500),
        ({"asn": "none"}, None),
        ({"asn": True}, None),
        ({"asn": "9" * 40}, None),
        ({}, None),
    ],
)
def test_network_numbers_as_different_makers_write_them(opened: Any, record: Any, asn: int | None) -> None:
    assert Atlas(asn=opened({"192.0.2.0/24": record})).locate("192.0.2.9").asn == asn


@pytest.mark.parametrize(
    "place", [{"latitude": 91.0, "longitude": 0.0}, {"latitude": 1.0}, {"latitude": "1", "longitude": 1.0}, "Tokyo"]
)
def test_coordinates_that_are_none_are_unknown(opened: Any, place: Any) -> None:
    found = Atlas(opened({"192.0.2.0/24": {"location": place}})).locate("192.0.2.9")
    assert (found.latitude, found.longitude) == (None, None)


def test_a_database_of_ipv4_alone_leaves_ipv6_unknown(opened: Any) -> None:
    atlas = Atlas(opened({"192.0.2.0/24": TOKYO}, version=4), anonymous=opened({"192.0.2.0/24": {}}, version=4))
    assert atlas.locate("192.0.2.1").country == "JP"
    assert atlas.locate("192.0.2.1").anonymous is False
    assert atlas.locate("2001:db8::1") == NOWHERE


def listed(tmp_path: Path, text: str) -> Listing:
    (tmp_path / "list.txt").write_text(text, encoding="utf-8")
    return Listing.open(tmp_path / "list.txt")


LIST = "# exit nodes\n\n198.51.100.0/25  # a pool\n192.0.2.66\n2001:db8:bad::/48\n"


def test_an_address_is_anonymous_when_any_source_says_so_and_known_not_to_be_when_all_deny_it(
    opened: Any, tmp_path: Path
) -> None:
    tor = opened({"203.0.113.5/32": {"is_anonymous": True, "is_tor_exit_node": True}, "203.0.113.6/32": {}})
    atlas = Atlas(anonymous=tor, anonymous_list=listed(tmp_path, LIST))
    for address in ("203.0.113.5", "198.51.100.9", "192.0.2.66", "2001:db8:bad::7", "::ffff:192.0.2.66"):
        assert atlas.locate(address).anonymous is True
    for address in ("203.0.113.6", "203.0.113.7", "198.51.100.200", "2001:db8::7"):
        assert atlas.locate(address).anonymous is False


def test_nobody_is_known_not_to_be_anonymous_while_a_source_could_not_be_read(tmp_path: Path) -> None:
    atlas = Atlas(anonymous_list=listed(tmp_path, LIST), unread=True)
    assert atlas.locate("192.0.2.66").anonymous is True
    assert atlas.locate("192.0.2.67").anonymous is None
    assert Atlas(unread=True).locate("192.0.2.66").anonymous is None
    assert Atlas().locate("192.0.2.66").anonymous is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("192.0.2.0/24\nnot a network\n", "list.txt:2: `not a network` is no network; none of the file is used"),
        ("192.0.2.0/33", "list.txt:1: `192.0.2.0/33` is no network"),
        ("\ud800".encode("utf-8", "surrogatepass").decode("latin-1") + "\n", "is no network"),
    ],
)
def test_a_list_with_a_line_that_is_no_network_is_not_used(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(Refused) as refusal:
        listed(tmp_path, text)
    assert words in str(refusal.value)


def test_a_list_past_its_bounds_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gatepost.geography.listing.MOST", 3)
    with pytest.raises(Refused, match="more than 3 lines"):
        listed(tmp_path, "192.0.2.1\n" * 4)
    monkeypatch.setattr("gatepost.geography.listing.LARGEST", 10)
    with pytest.raises(Refused, match="larger than"):
        listed(tmp_path, "192.0.2.1\n192.0.2.2\n")


def damaged(whole: bytes) -> Mapping[str, bytes]:
    return {
        "empty": b"",
        "text": b"country,network\n" * 50,
        "no metadata": whole.replace(b"MaxMind.com", b"MaxMint.com"),
        "cut at the front": whole[len(whole) // 2 :],
        "no data": whole[:-300] + whole[-300:].replace(b"node_count", b"node_count"[::-1]),
    }


def test_a_file_that_is_no_database_is_refused_in_words(tmp_path: Path) -> None:
    path = write_mmdb(tmp_path / "x.mmdb", {"192.0.2.0/24": TOKYO})
    for octets in damaged(path.read_bytes()).values():
        path.write_bytes(octets)
        with pytest.raises(Refused, match="is no MaxMind DB file, or is damaged"):
            Database.open(path)
    with pytest.raises(Refused, match=r"gone\.mmdb cannot be read: No such file"):
        Database.open(tmp_path / "gone.mmdb")
    with pytest.raises(Refused):
        Database.open(tmp_path)


def test_the_age_of_a_database_is_its_makers_word(opened: Any) -> None:
    database = opened({"192.0.2.0/24": TOKYO}, built=1_700_000_000.0, kind="GeoLite2-City")
    assert (database.built_at, database.kind) == (1_700_000_000.0, "GeoLite2-City")


def test_what_was_looked_up_is_remembered_within_a_bound(opened: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(atlas_module, "REMEMBERED", 3)
    database = opened({"192.0.2.0/24": TOKYO})
    atlas = Atlas(database)
    first = atlas.locate("192.0.2.1")
    assert atlas.locate("192.0.2.1") is first
    for last in range(2, 40):
        assert atlas.locate(f"192.0.2.{last}").country == "JP"
    assert len(atlas._known) <= 3
