"""Codes that make one device: who may give which trust, used once by one of many, and certificates that renew."""

import asyncio

import pytest
from cryptography.hazmat.primitives import hashes

from idp.ca.refusals import CertificateRefused
from idp.devices import DeviceRefused
from kernel.reasons import Reason
from kernel.records.devices import Device, Trust
from tests.idp.devices.house import ANNA, Site, der, leaf_of, request

SHA256 = hashes.SHA256()


async def test_a_code_makes_the_device_that_was_said_beforehand(site: Site) -> None:
    code = await site.devices.invite("admin:root", ANNA.id, "Laptop 7", "debian", trust=Trust.MANAGED)
    made, entries, _ = await site.since(lambda: site.devices.enrol(code, request(algorithm=SHA256)))
    device, chain = made
    assert (device.owner, device.name, device.platform, device.trust) == (ANNA.id, "Laptop 7", "debian", Trust.MANAGED)
    found = await site.store.read(lambda tx: site.devices.by_certificate(tx, der(leaf_of(chain))))
    assert isinstance(found, tuple)
    assert found[0] == device
    assert [(e.fields["act"], e.fields["actor"]) for e in entries] == [
        ("registered", "admin:root"),
        ("certificate-added", "admin:root"),
    ]


async def test_people_may_type_a_code_as_they_like(site: Site) -> None:
    code = await site.devices.invite("admin:root", ANNA.id, "Laptop")
    assert [len(group) for group in code.split("-")] == [4, 4, 4, 4]
    typed = f"  {code.upper().replace('-', ' ')} "
    assert await site.devices.enrol(typed, request(algorithm=SHA256))


async def test_whoever_invites_themselves_gets_what_the_configuration_says(site: Site) -> None:
    code = await site.devices.invite("user:anna", ANNA.id, "Laptop", trust=Trust.MANAGED)
    made = await site.devices.enrol(code, request(algorithm=SHA256))
    assert made
    assert made[0].trust is Trust.PENDING


async def test_a_code_is_used_once_by_one_of_many(site: Site) -> None:
    code = await site.devices.invite("admin:root", ANNA.id, "Laptop")
    tries = [site.devices.enrol(code, request(algorithm=SHA256)) for _ in range(8)]
    made = [each for each in await asyncio.gather(*tries) if each is not None]
    assert len(made) == 1
    assert await site.store.read(lambda tx: tx.count(Device, owner=ANNA.id)) == 1


async def test_a_day_old_code_is_no_code_and_a_guess_is_on_record(site: Site) -> None:
    code = await site.devices.invite("admin:root", ANNA.id, "Laptop")
    site.clock.forward(24 * 3600)
    made, entries, _ = await site.since(lambda: site.devices.enrol(code, request(algorithm=SHA256), "192.0.2.7"))
    assert made is None
    assert [(e.kind, e.fields["address"], e.fields["service"]) for e in entries] == [
        ("credential-refused", "192.0.2.7", "enrolment")
    ]


async def test_a_bad_request_does_not_use_a_code_up(site: Site) -> None:
    code = await site.devices.invite("admin:root", ANNA.id, "Laptop")
    with pytest.raises(CertificateRefused):
        await site.devices.enrol(code, "nonsense")
    assert await site.devices.enrol(code, request(algorithm=SHA256))


@pytest.mark.parametrize("trust", [Trust.LOST, Trust.REVOKED, Trust.EXPIRED, Trust.UNKNOWN])
async def test_a_code_gives_no_trust_that_shuts_out(site: Site, trust: Trust) -> None:
    with pytest.raises(DeviceRefused):
        await site.devices.invite("admin:root", ANNA.id, "Laptop", trust=trust)


async def test_twenty_open_codes_are_enough_and_old_ones_go(site: Site) -> None:
    for _ in range(20):
        await site.devices.invite("admin:root", ANNA.id, "Laptop")
    with pytest.raises(DeviceRefused, match="20"):
        await site.devices.invite("admin:root", ANNA.id, "Laptop")
    site.clock.forward(25 * 3600)
    assert await site.devices.invite("admin:root", ANNA.id, "Laptop")


async def test_a_certificate_renews_itself_and_the_old_one_counts_on(site: Site) -> None:
    code = await site.devices.invite("admin:root", ANNA.id, "Laptop")
    made = await site.devices.enrol(code, request(algorithm=SHA256))
    assert made
    old = der(leaf_of(made[1]))
    renewed = await site.devices.renew(old, request(algorithm=SHA256))
    assert isinstance(renewed, tuple)
    assert renewed[0].id == made[0].id
    for each in (old, der(leaf_of(renewed[1]))):
        assert isinstance(await site.store.read(lambda tx, der=each: site.devices.by_certificate(tx, der)), tuple)


async def test_nothing_renews_a_device_that_is_out_or_a_certificate_of_others(site: Site) -> None:
    code = await site.devices.invite("admin:root", ANNA.id, "Laptop")
    made = await site.devices.enrol(code, request(algorithm=SHA256))
    assert made
    old = der(leaf_of(made[1]))
    assert await site.devices.renew(b"nonsense", request(algorithm=SHA256)) is Reason.CREDENTIALS
    await site.devices.set_trust("admin:root", made[0].id, Trust.LOST)
    assert await site.devices.renew(old, request(algorithm=SHA256)) is Reason.CREDENTIAL_REVOKED
    await site.devices.set_trust("admin:root", made[0].id, Trust.ENROLLED)
    site.clock.forward(91 * 86400)
    assert await site.devices.renew(old, request(algorithm=SHA256)) is Reason.CREDENTIAL_REVOKED
