"""Bringing a device in by a code, and a phone by a file."""

import plistlib
import re

from cryptography.hazmat.primitives.serialization import pkcs12

from kernel.records.devices import DeviceKey, Enrolment
from tests.idp.portal.test_portal import owned, phone
from tests.idp.signin.stand import Stand


async def test_a_code_is_shown_once_with_the_command_that_takes_it(stand: Stand) -> None:
    browser = stand.browser()
    await browser.sign_in()
    await browser.open("/portal/devices/code")
    page = await browser.send("/portal/devices/code", name="Aiko's laptop")
    code = re.findall(r'class="secret">([a-z2-7-]{19})<', page.text)[0]
    assert f"--code {code}" in page.text
    assert code not in (await browser.open("/portal/devices/code")).text
    assert await stand.store.read(lambda tx: tx.count(Enrolment)) == 1


async def test_a_nameless_device_is_refused_in_place(stand: Stand) -> None:
    browser = stand.browser()
    await browser.sign_in()
    await browser.open("/portal/devices/code")
    page = await browser.send("/portal/devices/code", name="")
    assert page.status_code == 422
    assert 'id="name-wrong"' in page.text


async def test_a_phone_gets_key_and_certificate_in_one_file(stand: Stand) -> None:
    await stand.devices.load()
    browser = stand.browser()
    await browser.sign_in()
    device = await phone(stand, browser)
    answer = await browser.send(f"/portal/devices/{device.id}/file", passphrase="correct horse", form="pkcs12")
    assert answer.headers["content-type"] == "application/x-pkcs12"
    assert answer.headers["content-disposition"] == f'attachment; filename="{device.id}.p12"'
    opened = pkcs12.load_pkcs12(answer.content, b"correct horse")
    assert opened.key is not None and opened.cert is not None
    (key,) = await stand.store.read(lambda tx: tx.find(DeviceKey, device_id=device.id))
    assert key.id.endswith(f":{opened.cert.certificate.serial_number:x}")


async def test_an_apple_profile_holds_the_identity(stand: Stand) -> None:
    await stand.devices.load()
    browser = stand.browser()
    await browser.sign_in()
    device = await phone(stand, browser)
    answer = await browser.send(f"/portal/devices/{device.id}/file", passphrase="correct horse", form="profile")
    told = plistlib.loads(answer.content)
    assert "com.apple.security.pkcs12" in [each["PayloadType"] for each in told["PayloadContent"]]


async def test_a_short_passphrase_makes_no_certificate(stand: Stand) -> None:
    browser = stand.browser()
    await browser.sign_in()
    device = await phone(stand, browser)
    page = await browser.send(f"/portal/devices/{device.id}/file", passphrase="short", form="pkcs12")
    assert page.status_code == 422
    assert await stand.store.read(lambda tx: tx.count(DeviceKey, device_id=device.id)) == 0
    assert [each.id for each in await owned(stand)] == [device.id]
