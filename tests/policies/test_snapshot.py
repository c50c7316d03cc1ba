"""What a record keeps of the facts: enough to decide again exactly, nothing that is secret, and nothing guessed."""

import json
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from kernel.records.devices import Device, Proof, Signal
from kernel.records.people import User
from kernel.records.sessions import Factor
from policies.decide import decide
from policies.facts import Facts
from policies.language import load
from policies.snapshot import FORMAT, LEFT_OUT, Parts, Unreadable, restore, snapshot
from tests.policies.facts_of import FACTS as MIKA_AT_IMAP
from tests.policies.facts_of import LAPTOP, MIKA, NOW, device, facts
from tests.policies.random_policies import FACTS, documents

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]

EVERYTHING = Facts(
    service="webmail",
    now=NOW + 0.123456789,
    address="192.0.2.7",
    user=replace(MIKA, groups=frozenset({"staff", "sales"}), language="en", disabled=True),
    device=device("managed", {"disk_encrypted": True, "os_version": "14.4"}, owner=""),
    proof=Proof.BROWSER_KEY,
    factors={Factor.TOTP: NOW - 60.5, Factor.PASSWORD: NOW - 61.0},
    signin_at=NOW - 61.0,
    new_device=False,
    new_country=True,
    impossible_travel=False,
    country="JP",
    asn=64500,
    anonymous=False,
)
"""Facts of which none has its default value."""

NOT_FACTS = {
    User: {"display_name", "language", "aliases", "created_at"},
    Device: {"kind", "created_at", "last_seen_at", "note"},
    Signal: {"by"},
}
"""What no condition of the language looks at; whoever makes one look at it takes it out here and in ``LEFT_OUT``."""


def written(kept: dict[str, Any]) -> dict[str, Any]:
    """Return plain data as the audit log gives it back."""
    read: dict[str, Any] = json.loads(json.dumps(kept, sort_keys=True))
    return read


def test_every_fact_is_kept_and_comes_back() -> None:
    by_default = {field.name for field in fields(Facts) if getattr(EVERYTHING, field.name) == field.default}
    assert by_default == set(), "a new fact: give it a value in EVERYTHING"

    kept = written(snapshot(EVERYTHING))
    assert set(kept) == {"v"} | {field.name for field in fields(Facts)}
    assert restore(kept) == EVERYTHING


@pytest.mark.parametrize("kind", [User, Device, Signal])
def test_what_a_record_says_is_a_fact_or_is_left_out_on_purpose(kind: type) -> None:
    assert LEFT_OUT[kind] == NOT_FACTS[kind]
    held = {User: EVERYTHING.user, Device: EVERYTHING.device, Signal: EVERYTHING.device.signals["os_version"]}  # type: ignore[union-attr]
    kept = written(snapshot(EVERYTHING))
    shown = {User: kept["user"], Device: kept["device"], Signal: kept["device"]["signals"]["os_version"]}[kind]
    missing = {field.name for field in fields(kind)} - NOT_FACTS[kind] - set(shown)
    # What has its default value needs no word.
    assert {name for name in missing if getattr(held[kind], name) not in ("", False)} == set()


@settings(deadline=None, suppress_health_check=SLOW)
@given(document=documents(), seen=FACTS)
def test_what_was_kept_is_decided_as_it_was(document: dict[str, Any], seen: Facts) -> None:
    policy = load(json.dumps(document))
    assert decide(policy, restore(written(snapshot(seen)))) == decide(policy, seen)


def test_what_has_its_default_value_takes_no_room() -> None:
    assert snapshot(Facts("portal", 5.0)) == {"v": FORMAT, "service": "portal", "now": 5.0}
    assert set(snapshot(MIKA_AT_IMAP)) == {"v", "service", "now", "address", "user", "device", "proof"}
    assert set(snapshot(MIKA_AT_IMAP)["user"]) == {"id", "name", "email", "groups", "attributes"}


def test_the_same_person_and_device_are_made_plain_once() -> None:
    parts = Parts(capacity=2)
    first, second = snapshot(MIKA_AT_IMAP, parts), snapshot(facts(service="webmail"), parts)
    assert first["user"] is second["user"] and first["device"] is second["device"]
    assert first == snapshot(MIKA_AT_IMAP)

    other = replace(LAPTOP, platform="debian")
    assert snapshot(facts(device=other), parts)["device"]["platform"] == "debian"
    assert snapshot(facts(user=replace(MIKA, groups=frozenset())), parts)["user"].get("groups") is None


@pytest.mark.parametrize(
    ("kept", "why"),
    [
        ({}, "no snapshot"),
        ({"proof": "app-password", "device": "laptop", "trust": "managed"}, "no snapshot"),
        ({"v": 2, "service": "imap", "now": 1.0}, "format 2"),
        ({"v": 1, "service": "imap", "now": 1.0, "moon": "full"}, "not known here: moon"),
        ({"v": 1, "service": "imap", "now": 1.0, "user": {"id": "u", "hat": "red"}}, "not known here: hat"),
        ({"v": 1, "service": "imap", "now": "noon"}, "damaged"),
        ({"v": 1, "service": "imap"}, "damaged"),
        ({"v": 1, "service": "imap", "now": 1.0, "device": "laptop"}, "damaged"),
        ({"v": 1, "service": "imap", "now": 1.0, "factors": {"charm": 1.0}}, "damaged"),
    ],
)
def test_what_cannot_be_read_is_never_guessed(kept: dict[str, Any], why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        restore(kept)
