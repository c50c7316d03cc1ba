"""Countries in a running demo: named in gatepost.toml, decided by at once, and judged anew when the file is another."""

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.demo import Demo, Person
from tests.e2e.mail import Idling, imap, refusal
from tests.e2e.tuned import tuned
from tests.gatepost.geography.mmdb import write_mmdb

pytestmark = pytest.mark.e2e

WITHIN = 10.0
RULE = """rules:
  - name: mail from Japan alone
    service: [imap, submission]
    network: {not_countries: [JP]}
    then: deny
    say: {en: "Mail opens in Japan only.", ja: "メールは日本国内でのみ利用できます。"}
"""


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Demo]:
    with tuned(tmp_path / "own") as demo:
        yield demo


def everywhere(path: Path, code: str) -> None:
    """Put a database in its place, in one move: this machine is in that country."""
    here = {"country": {"iso_code": code}, "location": {"latitude": 35.7, "longitude": 139.7}}
    write_mmdb(path.with_suffix(".fresh"), {"127.0.0.0/8": here, "::1/128": here}).replace(path)


def hangup(demo: Demo) -> None:
    os.kill(demo.pid, signal.SIGHUP)
    demo.hears("the configuration was read again", seconds=WITHIN)


def let_in(demo: Demo, person: Person, secret: str) -> bool:
    """Return whether a login succeeds; it is told apart from being refused by the rule above."""
    try:
        Idling(demo, person, secret).socket.close()
    except AssertionError as refused:
        assert "Mail opens in Japan only." in str(refused)
        return False
    return True


def examined(demo: Demo) -> dict[str, str]:
    """Return what `gatepost doctor` says of each thing; it fails when one of them is bad."""
    return {each["name"]: each["state"] for each in json.loads(demo.gatepost("doctor", "--json").stdout)}


def test_a_country_decides_and_another_file_ends_what_it_no_longer_allows(own: Demo) -> None:
    alice, file, config = own.person("alice"), own.directory / "places.mmdb", own.directory / "gatepost.toml"
    secret = alice.app_password("imap")
    policy = own.orders("policy", "show")["text"]
    strict = policy.replace("rules:\n", RULE, 1)
    warned = own.orders("policy", "check", "--online", "-", text=strict)["warnings"]
    assert any("nothing tells the country" in each["what"] for each in warned)

    # Nothing tells: refused. A file that tells, put in force by SIGHUP: let in.
    own.orders("policy", "publish", "-", text=strict)
    assert "Mail opens in Japan only." in refusal(own, alice.email, secret)
    assert examined(own)["geography"] == "bad"
    everywhere(file, "JP")
    with config.open("a", encoding="utf-8") as more:
        more.write('\n[geography]\ncountry = "places.mmdb"\n')
    hangup(own)
    until = time.monotonic() + WITHIN
    while not let_in(own, alice, secret):
        assert time.monotonic() < until
    staying = Idling(own, alice, secret)

    # Half a file changes nothing; another country ends the session in its protocol's words.
    file.write_bytes(b"half a download")
    os.kill(own.pid, signal.SIGHUP)
    own.hears("is no MaxMind DB file, or is damaged; the earlier copy stays in force", seconds=WITHIN)
    with imap(own, alice) as session:
        assert session.select("INBOX", readonly=True)[0] == "OK"
    everywhere(file, "DE")
    hangup(own)
    assert staying.rest()[-1].startswith("* BYE ")
    assert "Mail opens in Japan only." in refusal(own, alice.email, secret)
    rows = examined(own)
    assert rows["geography"] == rows["geography country"] == "good"
