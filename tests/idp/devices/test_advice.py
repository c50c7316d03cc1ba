"""What an owner reads about a device that lacks something, in both languages."""

from idp.devices.advice import MEND, NAMES, OTHERWISE, REPORT, SILENT, WRONG, advice
from kernel.records.devices import Device, Signal, Trust
from policies.language import load
from policies.vocabulary import SIGNALS

POLICY = load(
    """
version: 1
postures: {healthy: {disk_encrypted: true, firewall: true, compliant: true, reboot_pending: false}}
rules:
  - {name: mail, service: imap, device: {posture: healthy}, then: allow}
""",
    1,
)


def test_a_laptop_with_its_disk_open_is_told_how_to_close_it() -> None:
    told = {"disk_encrypted": False, "reboot_pending": True, "compliant": False}
    signals = {name: Signal(value, 99.0, "agent") for name, value in told.items()}
    given = {
        each.signal: each
        for each in advice(POLICY, Device("d", "L", "u", Trust.MANAGED, "macos", signals=signals), 100.0)
    }
    assert given["disk_encrypted"].wrong["en"] == "Disk encryption is off."
    assert "FileVault" in given["disk_encrypted"].mend["ja"]
    assert given["firewall"].wrong["en"] == "This device has never reported the firewall."
    assert given["firewall"].mend == REPORT
    assert given["reboot_pending"].mend["en"] == "Restart the device."
    assert given["compliant"].wrong["en"] == "compliant is not as it should be (wanted: true)."
    assert advice(None, Device("d", "L", "u", Trust.MANAGED), 100.0) == ()


def test_every_word_is_said_in_both_languages_and_about_a_known_signal() -> None:
    everything = [*NAMES.values(), *SILENT.values(), *WRONG.values(), REPORT, OTHERWISE]
    everything += [words for ways in MEND.values() for words in ways.values()]
    assert all(set(words) == {"en", "ja"} for words in everything)
    assert NAMES.keys() | WRONG.keys() | MEND.keys() <= SIGNALS.keys()
