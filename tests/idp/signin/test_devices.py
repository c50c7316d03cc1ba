"""This browser as a device: registered by its key, recognised by it, and by nobody else's."""

import base64
import re
from html import unescape

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from kernel.records.devices import Device, DeviceKey, Proof, Trust
from tests.idp.signin.stand import PASSWORD, Browser, Stand


async def devices(stand: Stand) -> list[Device]:
    aiko = await stand.user()
    return list(await stand.store.read(lambda tx: tx.find(Device, owner=aiko.id)))


async def signin_of(stand: Stand, browser: Browser):
    return await stand.signins.by_cookie(browser.client.cookies.get("__Host-gatepost"))


async def test_a_browser_registers_and_is_recognised_at_the_next_sign_in(stand: Stand) -> None:
    browser = stand.browser()
    await browser.sign_in()
    await browser.register("Laptop")
    assert browser.title == "Hello, Aiko Mori"
    assert "You are on Laptop" in browser.page.text
    await browser.send("/signout")
    await browser.open("/signin?to=/portal")
    await browser.send("/signin/password", name="aiko", password=PASSWORD)
    await browser.send("/signin/code", code=stand.code())
    assert browser.title == "One moment"
    await browser.send("/signin/device/prove", proof=browser.answer(browser.challenge()))
    assert "You are on Laptop" in browser.page.text
    assert (await signin_of(stand, browser)).proof is Proof.BROWSER_KEY
    assert len(await devices(stand)) == 1


async def test_going_on_without_a_device_is_remembered_for_that_sign_in(stand: Stand) -> None:
    browser = stand.browser()
    for asked in (True, False):
        await browser.open("/signin?full=1&within=60&to=/portal/security")
        await browser.send("/signin/password", name="aiko", password=PASSWORD)
        await browser.send("/signin/code", code=stand.code())
        assert (browser.title == "Is this your device?") is asked
        if asked:
            await browser.open(re.findall(r'href="(/signin/device/without[^"]*)"', unescape(browser.page.text))[0])
        assert browser.title == "Security"
        stand.clock.forward(100)
    await browser.open("/signin/device?to=/portal")
    assert browser.title == "Is this your device?"  # whoever goes there is asked
    await browser.open("/portal")
    await browser.send("/signout")
    await browser.open("/signin?to=/portal")
    await browser.send("/signin/password", name="aiko", password=PASSWORD)
    await browser.send("/signin/code", code=stand.code())
    assert browser.title == "Is this your device?"


async def test_registering_needs_a_sign_in_of_the_last_ten_minutes(stand: Stand) -> None:
    """Attack D9: a stolen session enrols no device."""
    browser = stand.browser()
    await browser.sign_in()
    await browser.open("/signin/device?to=/portal")
    form, challenge = browser.forms["/signin/device/register"], browser.challenge()
    stand.clock.forward(601)
    await browser.open("/signin/device?to=/portal")
    assert browser.title == "Is it still you?"
    filled = {**form, "name": "Thief", "jwk": browser.jwk(), "proof": browser.answer(challenge)}
    answer = await browser.post("/signin/device/register", filled)
    assert answer.headers["location"].startswith("/signin?")
    assert await devices(stand) == []


async def test_a_key_whose_owner_cannot_sign_with_it_is_not_kept(stand: Stand) -> None:
    browser, other = stand.browser(), stand.browser()
    await browser.sign_in()
    await browser.open("/signin/device?to=/portal")
    proof = browser.answer(browser.challenge())
    await browser.send("/signin/device/register", name="Odd", jwk=other.jwk(), proof=proof)
    assert browser.page.status_code == 422
    assert await devices(stand) == []


async def test_anothers_device_proves_nothing(stand: Stand) -> None:
    """Attack D13: the key of Aiko's device with the session of Ken."""
    await stand.person("ken", "Ken Sato")
    aiko, ken = stand.browser(), stand.browser()
    await aiko.sign_in("aiko")
    await aiko.register()
    await ken.sign_in("ken")
    await ken.open("/signin/device?to=/portal")
    csrf, challenge = ken.forms["/signin/device/register"]["csrf"], ken.challenge()
    answer = await ken.post("/signin/device/prove", {"csrf": csrf, "proof": aiko.answer(challenge), "to": "/portal"})
    assert answer.headers["location"].startswith("/signin/device?")
    assert (await signin_of(stand, ken)).device_id == ""


async def test_a_proof_counts_once_and_for_one_sign_in(stand: Stand) -> None:
    browser = stand.browser()
    await browser.sign_in()
    await browser.register()
    given = (await browser.client.get("/prove/challenge")).json()
    csrf = browser.forms["/language"]["csrf"]
    proof = browser.answer(given["challenge"], given["purpose"])
    stand.clock.forward(20)
    assert (await browser.post("/prove/beat", {"csrf": csrf, "proof": proof})).status_code == 204
    assert (await signin_of(stand, browser)).proved_at == stand.clock.now()
    assert (await browser.post("/prove/beat", {"csrf": csrf, "proof": proof})).status_code == 403


async def test_the_bounce_proves_again_and_leads_back_to_the_route(stand: Stand) -> None:
    browser = stand.browser()
    await browser.sign_in()
    await browser.register()
    stand.clock.forward(900)
    await browser.open("/prove?route=webmail&to=/inbox%3Fa%3D1")
    assert "form-action 'self' https://mail.example.test;" in browser.page.headers["content-security-policy"]
    await browser.send("/signin/device/prove", proof=browser.answer(browser.challenge()))
    assert browser.page.headers["location"] == "https://mail.example.test/inbox?a=1"
    assert (await signin_of(stand, browser)).proved_at == stand.clock.now()


async def test_the_bounce_leads_to_no_other_host(stand: Stand) -> None:
    browser = stand.browser()
    await browser.sign_in()
    await browser.register()
    await browser.open("/prove?route=webmail&to=//evil.test/")
    await browser.send("/signin/device/prove", proof=browser.answer(browser.challenge()))
    assert browser.page.headers["location"] == "https://mail.example.test/"
    assert (await browser.open("/prove?route=elsewhere")).status_code == 404


async def test_a_device_that_waits_for_approval_says_so(stand: Stand) -> None:
    browser = stand.browser()
    await browser.sign_in()
    aiko = await stand.user()
    device = await stand.devices.register_browser(aiko, "Laptop", "linux", browser.jwk())
    await stand.devices.set_trust("admin:root", device.id, Trust.PENDING, "")
    await browser.register()
    assert browser.title == "An administrator looks at it first"


async def test_a_lost_device_is_not_asked_for(stand: Stand) -> None:
    browser = stand.browser()
    await browser.sign_in()
    await browser.register()
    (device,) = await devices(stand)
    await stand.devices.set_trust("user:aiko", device.id, Trust.LOST, "")
    await browser.sign_in()
    assert browser.title in ("Hello, Aiko Mori", "This stays shut for now")
    keys = await stand.store.read(lambda tx: tx.find(DeviceKey, device_id=device.id))
    assert (await signin_of(stand, browser)).device_id == "", keys


async def test_a_certificate_shown_by_the_connection_proves_its_device(stand: Stand) -> None:
    await stand.devices.load()
    aiko = await stand.user()
    device = await stand.devices.register_device("user:aiko", aiko.id, "Laptop", "linux", "computer")
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    csr = request.sign(ec.generate_private_key(ec.SECP256R1()), SHA256()).public_bytes(Encoding.PEM).decode()
    pem = await stand.devices.issue_certificate("user:aiko", device.id, csr)
    der = x509.load_pem_x509_certificates(pem.encode())[0].public_bytes(Encoding.DER)
    browser = stand.browser(**{"X-Gatepost-Certificate": base64.b64encode(der).decode()})
    page = await browser.sign_in()
    assert "You are on Laptop" in page.text
    assert (await signin_of(stand, browser)).proof is Proof.CERTIFICATE


async def test_anothers_certificate_or_none_at_all_proves_nothing(stand: Stand) -> None:
    await stand.devices.load()
    ken = await stand.person("ken", "Ken Sato")
    device = await stand.devices.register_device("user:ken", ken.id, "Ken's", "linux", "computer")
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    csr = request.sign(ec.generate_private_key(ec.SECP256R1()), SHA256()).public_bytes(Encoding.PEM).decode()
    pem = await stand.devices.issue_certificate("user:ken", device.id, csr)
    der = x509.load_pem_x509_certificates(pem.encode())[0].public_bytes(Encoding.DER)
    for told in (base64.b64encode(der).decode(), "not base64!", base64.b64encode(b"junk").decode()):
        browser = stand.browser(**{"X-Gatepost-Certificate": told})
        await browser.sign_in()
        assert (await signin_of(stand, browser)).device_id == ""
