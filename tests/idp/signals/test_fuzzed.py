"""Ten thousand broken tokens, messages and osquery bodies: each is refused or read, nothing fails."""

import json
import random
from pathlib import Path

import pytest

from idp.signals import signed
from idp.signals.faults import SignalFault
from idp.signals.webhook import Webhook
from kernel.config.signals import SignalWebhook
from policies.vocabulary import SIGNALS
from tests.idp.signals.house import NOW, SECRET, Site, email

MANY = 10_000
PIECES = (b"", b"\x00", b".", b"..", b"=", b"{", b"[" * 200, b'"', b"9" * 400, b"\xff", b"null", b"e30", b"-1", b"NaN")


def broken(chance: random.Random, whole: bytes) -> bytes:
    """Return ``whole`` with some of it cut out, doubled or replaced."""
    text = bytearray(whole)
    for _ in range(chance.randint(1, 4)):
        start = chance.randrange(len(text) + 1)
        end = min(len(text), start + chance.choice((0, 1, 1, 3, 40)))
        text[start:end] = chance.choice((*PIECES, bytes(text[start:end]) * 2, bytes([chance.randrange(256)])))
    return bytes(text)


@pytest.mark.e2e
async def test_fuzzed_tokens_and_messages_are_refused_and_nothing_fails(site: Site) -> None:
    chance = random.Random(5)
    await site.device()
    hook = Webhook(
        SignalWebhook("mdm", Path("unread"), ("compliant",)), SECRET, site.store, site.devices, site.clock, SIGNALS
    )
    token = site.theirs.token("session-revoked", email()).encode()
    claims = json.dumps(site.theirs.claims("session-revoked", email())).encode()
    body = json.dumps({"device": {"owner": "anna", "name": "Anna's laptop"}, "signals": {"compliant": True}}).encode()
    refused = 0
    for turn in range(MANY // 3 + 1):
        refused += await site.hearing.take(broken(chance, token).decode("latin-1")) is not None
        try:
            said = json.loads(broken(chance, claims))
        except (ValueError, RecursionError):
            said = {}
        if isinstance(said, dict):  # broken, and well signed all the same
            outcome = await site.hearing.take(site.theirs.sign(said))
            assert outcome is None or isinstance(outcome, SignalFault)
        message = broken(chance, body)
        stamp = str(NOW - turn % 300)
        outcome = await hook.take(stamp, signed.sign(SECRET, stamp, message), message)
        assert outcome is None or isinstance(outcome, SignalFault)
    assert refused > MANY // 4
