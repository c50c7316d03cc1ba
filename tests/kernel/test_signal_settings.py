"""Others' signals in ``gatepost.toml``: what is read, and each fault with its place."""

from pathlib import Path

import pytest

from kernel.config.reader import read_settings
from kernel.config.signals import Algorithm, Delivery
from kernel.problems import Invalid

TOP = '[site]\nname = "Example"\nissuer = "https://id.example.com"\nstate = "state"\n'
SOURCE = """
[[signal_source]]
name = "edr"
issuer = "https://edr.example.net"
audience = "https://id.example.com"
secret_file = "edr.secret"
jwks_uri = "https://edr.example.net/jwks"
"""
KNOWN = frozenset({"compliant", "disk_encrypted", "firewall", "screen_lock", "secure_boot", "auto_update"}) | {
    "antivirus",
    "os_version",
}


def test_a_source_is_read_with_its_defaults() -> None:
    read = read_settings(TOP + SOURCE, Path("/etc/gatepost/gatepost.toml"), KNOWN).signal_sources[0]
    assert (read.algorithm, read.delivery, read.window) == (Algorithm.ES256, Delivery.PUSH, 86400.0)
    assert read.secret_file == Path("/etc/gatepost/edr.secret")


FAULTY = [
    (SOURCE.replace("https://edr.example.net/jwks", "http://edr.example.net/jwks"), "`jwks_uri` is an https address"),
    (SOURCE + 'jwks_file = "keys.json"\n', "needs its public keys from one place"),
    (SOURCE + 'delivery = "poll"\n', "polling needs `endpoint`"),
    (SOURCE + 'endpoint = "https://edr.example.net/poll"\n', "this source pushes"),
    (SOURCE + 'events = ["session-revokt"]\n', "did you mean `session-revoked`?"),
    (SOURCE + 'algorithm = "none"\n', "one of `ES256`, `RS256`, `PS256` is expected"),
    (SOURCE + 'window = "30d"\n', "between 1m and 7d"),
    (SOURCE + SOURCE, "the name `edr` is used twice"),
    (SOURCE.replace('"edr"', '"agent"'), "taken by Gatepost itself"),
    ('[[signal]]\nname = "edr_healthy"\nage = "1h"\nmeaning = { en = "healthy" }\n', "`meaning` is missing in: ja"),
    ('[[signal]]\nname = "firewall"\nage = "1h"\nmeaning = { en = "on", ja = "on" }\n', "is a signal already"),
    ('[[signal_webhook]]\nname = "mdm"\nsecret_file = "s"\nsignals = ["complaint"]\n', "did you mean `compliant`?"),
    ('[osquery]\nevery = "1s"\n', "every 10 seconds at most"),
]


@pytest.mark.parametrize(("text", "says"), FAULTY)
def test_each_fault_is_told_where_it_stands(text: str, says: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_settings(TOP + text, Path("gatepost.toml"), KNOWN)
    assert any(says in str(problem) for problem in caught.value.problems)
    assert all(problem.place.line > 4 for problem in caught.value.problems)


def test_a_row_of_ones_own_extends_what_webhooks_may_set() -> None:
    row = '[[signal]]\nname = "edr_healthy"\nage = "1h"\nmeaning = { en = "healthy", ja = "正常" }\n'
    hook = '[[signal_webhook]]\nname = "mdm"\nsecret_file = "s"\nsignals = ["edr_healthy"]\n'
    read = read_settings(TOP + row + hook, Path("gatepost.toml"), KNOWN)
    assert (read.signals[0].age, read.signals[0].type, read.signal_webhooks[0].window) == (3600.0, "bool", 300.0)
