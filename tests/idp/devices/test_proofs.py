"""Browser proofs: one key, one algorithm, one challenge, once, for one sign-in; everything else is refused."""

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import ECKey, OctKey, RSAKey

from idp.devices import DeviceRefused, Devices, KeyTaken, proofs
from kernel.chance import SeededChance
from kernel.records.devices import Device, DeviceKey, Proof, SpentChallenge, Trust
from tests.idp.devices.house import ANNA, BEN, ORIGIN, Browser, Site, segment


async def registered(site: Site, browser: Browser, user: Any = ANNA) -> Device:
    return await site.devices.register_browser(user, "Firefox", "Linux", browser.jwk, "Mozilla/5.0")


async def test_a_registered_browser_answers_and_is_known(site: Site) -> None:
    browser = Browser()
    device, entries, changes = await site.since(lambda: registered(site, browser))
    key_id = browser.key.thumbprint()
    assert (device.owner, device.kind, device.trust) == (ANNA.id, "browser", Trust.ENROLLED)
    assert [e.fields["act"] for e in entries] == ["registered", "browser-key-added"]
    assert {change.handle for change in changes} == {f"device:{device.id}", f"credential:{key_id}"}
    await site.sign_in(ANNA, "s_anna")
    key = await site.devices.check_proof(
        browser.answer(site.devices.challenge("sign-in", "s_anna")), "sign-in", "s_anna"
    )
    assert key == await site.get(DeviceKey, key_id)
    assert (key.device_id, key.proof) == (device.id, Proof.BROWSER_KEY)
    assert '"d"' not in key.public


async def test_the_same_key_is_the_same_device_and_nobody_elses(site: Site) -> None:
    browser = Browser()
    device = await registered(site, browser)
    again, entries, _ = await site.since(lambda: registered(site, browser))
    assert (again, entries) == (device, [])
    with pytest.raises(KeyTaken):
        await registered(site, browser, BEN)


def _rsa() -> str:
    return json.dumps(RSAKey.generate_key(2048).as_dict(private=False))


@pytest.mark.parametrize(
    "jwk",
    [
        "",
        "null",
        "[]",
        "{}",
        "{" * 1000,
        "[" * 1000,
        "x" * 5000,
        json.dumps({"kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA"}),
        json.dumps({"kty": "EC", "crv": "P-256", "x": 1, "y": None}),
        json.dumps({"kty": "oct", "k": "c2VjcmV0"}),
        json.dumps(ECKey.generate_key("P-384").as_dict(private=False)),
        json.dumps(ECKey.generate_key("P-256").as_dict(private=True)),
        _rsa(),
    ],
)
async def test_what_is_no_public_p256_key_is_refused(site: Site, jwk: str) -> None:
    with pytest.raises(DeviceRefused, match="public key"):
        await site.devices.register_browser(ANNA, "Firefox", "Linux", jwk, "")
    assert await site.store.read(lambda tx: tx.count(Device)) == 0


async def test_an_answer_counts_once_even_at_once_and_after_a_restart(site: Site) -> None:
    browser = Browser()
    await registered(site, browser)
    answer = browser.answer(site.devices.challenge("sign-in", "s_1"))
    keys = await asyncio.gather(*(site.devices.check_proof(answer, "sign-in", "s_1") for _ in range(20)))
    assert sum(key is not None for key in keys) == 1
    restarted = Devices(site.store, site.vault, site.clock, SeededChance(b"again"), site.settings)
    assert await restarted.check_proof(answer, "sign-in", "s_1") is None


async def test_a_devices_proof_is_no_use_in_anothers_sign_in(site: Site) -> None:
    browser = Browser()
    device = await registered(site, browser)
    await site.sign_in(BEN, "s_ben")
    answer = browser.answer(site.devices.challenge("sign-in", "s_ben"))
    key, entries, _ = await site.since(lambda: site.devices.check_proof(answer, "sign-in", "s_ben"))
    assert key is None
    assert [(e.kind, e.fields["service"], e.fields["user_id"], e.fields["device_id"]) for e in entries] == [
        ("credential-refused", "device-proof", BEN.id, device.id)
    ]


async def test_a_shared_device_proves_itself_for_everybody(site: Site) -> None:
    browser = Browser()
    device = await registered(site, browser)
    await site.put(Device(device.id, "Kiosk", "", Trust.MANAGED))
    await site.sign_in(BEN, "s_ben")
    answer = browser.answer(site.devices.challenge("sign-in", "s_ben"))
    assert await site.devices.check_proof(answer, "sign-in", "s_ben") is not None


async def test_a_challenge_serves_one_purpose_and_one_sign_in(site: Site) -> None:
    browser = Browser()
    await registered(site, browser)
    answer = browser.answer(site.devices.challenge("sign-in", "s_1"))
    other = browser.answer(site.devices.challenge("sign-in", "s_1"), purpose="re-proof")
    assert await site.devices.check_proof(answer, "sign-in", "s_2") is None
    assert await site.devices.check_proof(answer, "re-proof", "s_1") is None
    assert await site.devices.check_proof(other, "re-proof", "s_1") is None
    assert await site.devices.check_proof(answer, "sign-in", "s_1") is not None


@pytest.mark.parametrize(("seconds", "good"), [(0, True), (60, True), (61, False), (3600, False), (-30, True)])
async def test_a_challenge_lives_a_minute(site: Site, seconds: float, good: bool) -> None:
    browser = Browser()
    await registered(site, browser)
    answer = browser.answer(site.devices.challenge("sign-in", "s_1"))
    site.clock.forward(seconds)
    assert (await site.devices.check_proof(answer, "sign-in", "s_1") is not None) is good


@pytest.mark.parametrize(
    "changes",
    [
        {"origin": "https://evil.example"},
        {"origin": ORIGIN + "/"},
        {"origin": None},
        {"purpose": "re-proof"},
        {"challenge": "1800000060.AAAA.0000"},
        {"challenge": ""},
        {"challenge": 7},
        {"challenge": "あ.い.う"},
        {"iat": "now"},
        {"iat": True},
        {"iat": None},
        {"extra": 1},
        {"typ": "JWT"},
        {"typ": "at+jwt"},
        {"kid": "unknown"},
        {"kid": ""},
    ],
)
async def test_an_answer_with_another_claim_is_refused(site: Site, changes: dict[str, Any]) -> None:
    browser = Browser()
    await registered(site, browser)
    challenge = site.devices.challenge("sign-in", "s_1")
    assert await site.devices.check_proof(browser.answer(challenge, **changes), "sign-in", "s_1") is None
    assert await site.devices.check_proof(browser.answer(challenge), "sign-in", "s_1") is not None


async def test_the_browsers_own_clock_decides_nothing(site: Site) -> None:
    browser = Browser()
    await registered(site, browser)
    answer = browser.answer(site.devices.challenge("sign-in", "s_1"), iat=12.5)
    assert await site.devices.check_proof(answer, "sign-in", "s_1") is not None


async def test_only_the_registered_key_and_es256_count(site: Site) -> None:
    browser, thief = Browser(), Browser()
    await registered(site, browser)
    key_id, challenge = browser.key.thumbprint(), site.devices.challenge("sign-in", "s_1")
    payload = {"challenge": challenge, "origin": ORIGIN, "purpose": "sign-in", "iat": 1}
    header = {"alg": "ES256", "typ": "gatepost-proof+jwt", "kid": key_id}
    good = browser.answer(challenge)
    shared = OctKey.import_key(browser.jwk)
    forged = [
        thief.answer(challenge, kid=key_id),
        thief.answer(challenge),
        jws.serialize_compact({**header, "alg": "HS256"}, json.dumps(payload), shared, algorithms=["HS256"]),
        f"{segment({**header, 'alg': 'none'})}.{segment(payload)}.",
        f"{segment({**header, 'alg': 'NONE'})}.{segment(payload)}.",
        f"{segment(header)}.{segment(payload)}.",
        f"{segment({**header, 'jwk': json.loads(thief.jwk)})}.{segment(payload)}.{good.split('.')[2]}",
        f"{segment({**header, 'crit': ['b64'], 'b64': False})}.{segment(payload)}.{good.split('.')[2]}",
        f"{good.rsplit('.', 1)[0]}.{'A' * 86}",
        f"{good.rsplit('.', 1)[0]}.{good.rsplit('.', 1)[1][:-4]}",
        good + ".x",
        good.replace(".", "", 1),
        good + "\n",
        "x" * 100_000,
        "あ.い.う",
        "..",
        "",
    ]
    for number, answer in enumerate(forged):
        assert await site.devices.check_proof(answer, "sign-in", "s_1") is None, number
    assert await site.devices.check_proof(good, "sign-in", "s_1") is not None


@pytest.mark.parametrize("fate", ["revoked", "gone", "device gone", "certificate"])
async def test_a_key_that_no_longer_counts_proves_nothing(site: Site, fate: str) -> None:
    browser = Browser()
    device = await registered(site, browser)
    key_id = browser.key.thumbprint()
    stored = await site.get(DeviceKey, key_id)
    if fate == "gone":
        await site.devices.remove("admin:root", device.id)
    elif fate == "device gone":
        await site.store.write(lambda tx: tx.take(Device, device.id))
    else:
        proof = Proof.CERTIFICATE if fate == "certificate" else stored.proof
        await site.put(DeviceKey(key_id, device.id, proof, stored.public, 0.0, revoked=fate == "revoked"))
    answer = browser.answer(site.devices.challenge("sign-in", "s_1"))
    assert await site.devices.check_proof(answer, "sign-in", "s_1") is None


async def test_a_lost_device_that_proves_itself_is_known_to_be_lost(site: Site) -> None:
    browser = Browser()
    device = await registered(site, browser)
    await site.devices.set_trust("user:anna", device.id, Trust.LOST)
    key = await site.devices.check_proof(browser.answer(site.devices.challenge("sign-in", "s_1")), "sign-in", "s_1")
    assert key is not None
    assert (await site.devices.get(key.device_id)).trust is Trust.LOST


async def test_who_proves_a_device_was_seen_and_that_turns_no_decision(site: Site) -> None:
    browser = Browser()
    device = await registered(site, browser)
    site.clock.forward(300)
    answer = browser.answer(site.devices.challenge("sign-in", "s_1"))
    _, entries, changes = await site.since(lambda: site.devices.check_proof(answer, "sign-in", "s_1"))
    assert (entries, changes) == ([], [])
    assert (await site.devices.get(device.id)).last_seen_at == site.clock.now()


async def test_spent_challenges_are_swept_away(site: Site) -> None:
    browser = Browser()
    await registered(site, browser)
    for _ in range(3):
        await site.devices.check_proof(browser.answer(site.devices.challenge("p", "s")), "sign-in", "s")
        await site.devices.check_proof(browser.answer(site.devices.challenge("sign-in", "s")), "sign-in", "s")
    assert await site.store.read(lambda tx: tx.count(SpentChallenge)) == 3
    site.clock.forward(1000)
    await site.devices.check_proof(browser.answer(site.devices.challenge("sign-in", "s")), "sign-in", "s")
    assert await site.store.read(lambda tx: tx.count(SpentChallenge)) == 1


@given(st.text(max_size=300) | st.from_regex(r"[A-Za-z0-9_-]{0,60}\.[A-Za-z0-9_-]{0,60}\.[A-Za-z0-9_-]{0,60}"))
def test_any_text_is_read_without_a_fault(text: str) -> None:
    assert proofs.read(text) is None
    assert proofs.public_key(text) is None
    assert not proofs.verifies(text, Browser().jwk)


@given(
    st.dictionaries(st.sampled_from(["alg", "typ", "kid", "jwk"]), st.text() | st.none() | st.lists(st.integers())),
    st.recursive(st.none() | st.booleans() | st.floats() | st.text(), lambda inner: st.lists(inner, max_size=3)),
)
def test_any_json_is_read_without_a_fault(header: dict[str, Any], payload: Any) -> None:
    assert proofs.read(f"{segment(header)}.{segment(payload)}.AAAA") is None
