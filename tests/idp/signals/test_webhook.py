"""The signed webhook: what it sets, and everything that is refused, each with its own reason."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.signals import signed
from idp.signals.faults import SignalFault
from idp.signals.webhook import Webhook, WebhookPages
from kernel.config.signals import SignalRow, SignalWebhook
from kernel.problems import Conflict, Refused
from kernel.records.devices import Device
from policies.vocabulary import vocabulary
from tests.idp.signals.house import ANNA, NOW, SECRET, Site

ROWS = (SignalRow("edr_healthy", 3600.0, {"en": "healthy", "ja": "正常"}),)


@pytest.fixture
def hook(site: Site) -> Webhook:
    source = SignalWebhook("mdm", Path("unread"), ("compliant", "edr_healthy"))
    return Webhook(source, SECRET, site.store, site.devices, site.clock, vocabulary(ROWS))


async def send(hook: Webhook, body: Any, at: int = NOW, secret: str = SECRET) -> SignalFault | None:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return await hook.take(str(at), signed.sign(secret, str(at), text), text, "192.0.2.9")


async def test_a_message_sets_the_signals_of_the_device_it_names(site: Site, hook: Webhook) -> None:
    device = await site.device()
    await site.devices.know_as("admin:ines", device.id, "serial", "c02xyz")
    await site.devices.know_as("admin:ines", device.id, "mdm", "77")
    names = (device.id, "77", {"serial": "C02XYZ"}, {"owner": "anna@example.com", "name": "Anna's laptop"})
    for turn, name in enumerate(names):
        value = turn % 2 == 0
        assert await send(hook, {"device": name, "signals": {"edr_healthy": value}}, NOW + turn) is None
        signal = (await site.get(Device, device.id)).signals["edr_healthy"]
        assert (signal.value, signal.by) == (value, "mdm")
        site.clock.forward(1)
    heard = (await site.audit("signal-heard"))[-1]
    assert (heard.fields["source"], heard.fields["detail"], heard.fields["user_id"]) == (
        *("mdm", "edr_healthy=False"),
        ANNA.id,
    )


async def test_each_refusal_has_its_own_reason_on_record(site: Site, hook: Webhook) -> None:
    device = await site.device()
    good = {"device": device.id, "signals": {"compliant": True}}
    assert await send(hook, good) is None
    tried = [
        (SignalFault.REPLAYED, good, NOW, SECRET),
        (SignalFault.SIGNATURE, good, NOW + 1, "another secret of theirs"),
        (SignalFault.TIME, good, NOW - 301, SECRET),
        (SignalFault.ORDER, good, NOW - 9, SECRET),
        (SignalFault.MALFORMED, b"[", NOW, SECRET),
        (SignalFault.SIGNAL, {**good, "signals": {"firewall": True}}, NOW, SECRET),
        (SignalFault.SIGNAL, {**good, "signals": {"compliant": "yes"}}, NOW, SECRET),
        (SignalFault.SUBJECT, {**good, "device": "d_nobody"}, NOW, SECRET),
        (SignalFault.SUBJECT, {**good, "device": {"owner": "ben", "name": "Anna's laptop"}}, NOW, SECRET),
    ]
    for fault, body, at, secret in tried:
        assert await send(hook, body, at, secret) is fault
        refused = (await site.audit())[-1]
        assert (refused.kind, refused.fields["reason"]) == ("signal-refused", fault.value)
    assert set((await site.get(Device, device.id)).signals) == {"compliant"}


async def test_over_http_a_stranger_learns_nothing_of_what_exists(site: Site, hook: Webhook) -> None:
    device = await site.device()
    body = json.dumps({"device": device.id, "signals": {"compliant": False}}).encode()
    headers = {"Gatepost-Timestamp": str(NOW), "Gatepost-Signature": signed.sign(SECRET, str(NOW), body)}
    async with site.pages(WebhookPages({"mdm": hook}).routes()) as product:
        wrong = {**headers, "Gatepost-Signature": "v1=" + "0" * 64}
        answers = [await product.post(f"/signals/webhook/{name}", content=body, headers=wrong) for name in ("mdm", "x")]
        assert {(each.status_code, each.text) for each in answers} == {(401, answers[0].text)}
        assert (await product.post("/signals/webhook/mdm", content=body, headers=headers)).status_code == 204
        assert (await product.post("/signals/webhook/mdm", content=body, headers=headers)).status_code == 409
    assert (await site.get(Device, device.id)).signals["compliant"].value is False


async def test_a_name_is_of_one_device_alone_and_goes_with_it(site: Site) -> None:
    one, other = await site.device("one"), await site.device("other")
    await site.devices.know_as("admin:ines", one.id, "serial", "C02XYZ")
    with pytest.raises(Conflict):
        await site.devices.know_as("admin:ines", other.id, "serial", "c02xyz")
    for kind, value in (("Serial", "1"), ("serial", "a\nb"), ("serial", ""), ("serial", "x" * 129)):
        with pytest.raises(Refused):
            await site.devices.know_as("admin:ines", other.id, kind, value)
    await site.devices.remove("admin:ines", one.id)
    await site.devices.know_as("admin:ines", other.id, "serial", "c02xyz")


@given(
    st.binary(max_size=120) | st.recursive(st.none() | st.text(max_size=5), st.lists).map(json.dumps).map(str.encode)
)
def test_whatever_is_posted_is_read_or_refused(body: bytes) -> None:
    assert isinstance(signed.read(body), SignalFault)
