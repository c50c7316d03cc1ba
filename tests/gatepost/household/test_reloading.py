"""SIGHUP: what is put in force, what is refused, and what is said of it."""

import asyncio
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from gatepost.household import configuration
from gatepost.household.configuration import load, load_in_force
from gatepost.household.reloading import Renewal, needing_restart, reload
from gatepost.household.supervise import Supervisor
from kernel.config.settings import Endpoint, Listener, Settings

SITE = '[site]\nname = "{name}"\nissuer = "https://id.example.com"\nstate = "state"\n'


class Told(Supervisor):
    """A supervisor without roles, that writes down which signals it would hand on."""

    def __init__(self) -> None:
        super().__init__((), 1.0, lambda line: None)
        self.forwarded: list[signal.Signals] = []

    def forward(self, number: signal.Signals) -> None:
        self.forwarded.append(number)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv(configuration.IN_FORCE, raising=False)
    made = tmp_path / "gatepost.toml"
    made.write_text(SITE.format(name="Before"))
    return made


def kept(settings: Settings) -> Path:
    return settings.admin_socket.parent / "gatepost.toml"


def test_a_good_file_is_kept_for_the_roles_and_they_are_told(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, told, said = load(file), Told(), list[str]()
    file.write_text(SITE.format(name="After"))
    reload(before, told, said.append)
    assert told.forwarded == [signal.SIGHUP]
    assert said == ["the configuration was read again"]
    monkeypatch.setenv(configuration.IN_FORCE, str(kept(before)))
    assert load_in_force(file).site.name == "After"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (SITE.format(name="After") + "[bounds]\nlime = 3\n", "unknown key `lime` - did you mean `line`?"),
        (SITE.format(name="After").replace("id.", "login."), "`issuer` cannot change while we run"),
        (SITE.format(name="After").replace('"state"', '"elsewhere"'), "`state` cannot change while we run"),
    ],
)
def test_what_cannot_be_put_in_force_is_refused_loudly_and_the_old_one_stays(file: Path, text: str, words: str) -> None:
    before, told, said = load(file), Told(), list[str]()
    file.write_text(text)
    reload(before, told, said.append)
    assert told.forwarded == []
    assert said[0].startswith("reload refused, the old configuration stays in force:\n")
    assert words in said[0]
    assert not kept(before).exists()


def test_what_needs_a_restart_is_named(file: Path) -> None:
    before = load(file)
    listener = Listener("web", "web", Endpoint("127.0.0.1", 443))
    assert needing_restart(before, replace(before, listen=(listener,))) == ["listen"]
    assert needing_restart(before, replace(before, proxy=replace(before.proxy, workers=4))) == ["proxy"]
    assert needing_restart(before, replace(before, proxy=replace(before.proxy, trusted_proxies=("::1/128",)))) == []
    assert needing_restart(before, replace(before, bounds=replace(before.bounds, line=100))) == []


async def test_the_identity_side_begins_anew_only_for_other_settings(file: Path) -> None:
    stop, said = asyncio.Event(), list[str]()
    renewal = Renewal(load(file), stop, said.append)
    renewal.look()
    assert (renewal.due, stop.is_set()) == (False, False)
    renewal.begin_anew()
    file.write_text("[site")
    renewal.look()
    assert "the old configuration stays in force" in said[0]
    assert (renewal.due, stop.is_set()) == (False, False)
    file.write_text(SITE.format(name="After"))
    renewal.look()
    assert (renewal.due, stop.is_set()) == (True, True)
