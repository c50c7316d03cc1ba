"""The portal as its owner uses it, and as somebody else may not."""

import re
from dataclasses import replace
from html import unescape

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from kernel.records.credentials import AppPassword
from kernel.records.devices import Device, Trust
from kernel.records.sessions import Factor, LiveSession, SignIn
from policies.snapshot import restore
from tests.idp.signin.stand import PASSWORD, Browser, Stand


async def owned(stand: Stand, name: str = "aiko") -> list[Device]:
    user = await stand.user(name)
    return list(await stand.devices.for_user(user.id))


async def phone(stand: Stand, browser: Browser) -> Device:
    await browser.open("/portal/devices")
    await browser.send("/portal/devices", name="Aiko's phone", kind="phone")
    (device,) = await owned(stand)
    return device


async def test_a_phone_is_added_renamed_reported_lost(stand: Stand) -> None:
    browser = stand.browser()
    await browser.sign_in()
    device = await phone(stand, browser)
    assert (browser.title, device.kind) == ("Aiko's phone", "phone")
    await browser.send(f"/portal/devices/{device.id}/rename", name="Blue phone")
    assert browser.title == "Blue phone"
    await browser.send(f"/portal/devices/{device.id}/lost")
    assert "Reported lost" in browser.page.text
    assert [each.trust for each in await owned(stand)] == [Trust.LOST]
    assert f"/portal/devices/{device.id}/remove" not in browser.forms


async def test_a_device_is_removed(stand: Stand) -> None:
    browser = stand.browser()
    await browser.sign_in()
    device = await phone(stand, browser)
    await browser.send(f"/portal/devices/{device.id}/remove")
    assert browser.title == "My devices"
    assert "No device yet" in browser.page.text
    assert await owned(stand) == []


async def test_an_app_password_is_shown_once_with_what_to_type(stand: Stand) -> None:
    browser = stand.browser()
    await browser.sign_in()
    device = await phone(stand, browser)
    await browser.open("/portal/app-passwords")
    page = await browser.send("/portal/app-passwords", device=device.id, name="Thunderbird", service=["imap"])
    typed = unescape(re.findall(r'class="secret">([^<]+)<', page.text)[0])
    made = await stand.accounts.find_app_password(typed)
    assert made is not None
    assert (made.device_id, made.services) == (device.id, {"imap"})
    assert "993" in page.text
    assert "465" not in page.text
    assert typed not in (await browser.open(browser.where)).text  # a reload shows nothing, and makes nothing
    assert browser.where == "/portal/app-passwords"
    mine = await stand.store.read(lambda tx: tx.find(AppPassword, device_id=device.id))
    assert len(mine) == 1
    await browser.send(f"/portal/app-passwords/{made.id}/revoke")
    assert "No app password yet" in browser.page.text


async def test_an_app_password_without_a_service_is_refused_in_place(stand: Stand) -> None:
    browser = stand.browser()
    await browser.sign_in()
    device = await phone(stand, browser)
    await browser.open("/portal/app-passwords")
    page = await browser.send("/portal/app-passwords", device=device.id, name="Odd", service=["ssh"])
    assert page.status_code == 422
    assert 'id="services-wrong"' in page.text
    assert 'value="Odd"' in page.text  # what was typed is not lost


async def test_a_certificate_for_a_signing_request(stand: Stand) -> None:
    await stand.devices.load()
    browser = stand.browser()
    await browser.sign_in()
    device = await phone(stand, browser)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "aiko")])
    request = x509.CertificateSigningRequestBuilder().subject_name(name)
    signed = request.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    action = f"/portal/devices/{device.id}/certificate"
    page = await browser.send(action, csr="nonsense")
    assert page.status_code == 422
    assert 'aria-invalid="true"' in page.text
    csr = signed.public_bytes(serialization.Encoding.PEM).decode()
    page = await browser.send(action, csr=csr)
    assert "-----BEGIN CERTIFICATE-----" in page.text


@pytest.mark.parametrize("act", ["rename", "lost", "remove", "certificate"])
async def test_anothers_device_is_not_there(stand: Stand, act: str) -> None:
    await stand.person("ken", "Ken Sato")
    aiko, ken = stand.browser(), stand.browser()
    await aiko.sign_in()
    device = await phone(stand, aiko)
    await ken.sign_in("ken")
    csrf = ken.forms["/language"]["csrf"]
    answer = await ken.post(f"/portal/devices/{device.id}/{act}", {"csrf": csrf, "name": "Mine", "csr": "x"})
    assert answer.status_code == 404
    assert (await ken.open(f"/portal/devices/{device.id}")).status_code == 404
    assert await owned(stand) == [device]


async def test_anothers_app_password_and_device_are_not_there(stand: Stand) -> None:
    await stand.person("ken", "Ken Sato")
    aiko, ken = stand.browser(), stand.browser()
    await aiko.sign_in()
    device = await phone(stand, aiko)
    user = await stand.user()
    made, _ = await stand.accounts.make_app_password("user:aiko", user.id, device.id, ["imap"], "Mail")
    await ken.sign_in("ken")
    csrf = ken.forms["/language"]["csrf"]
    answer = await ken.post(f"/portal/app-passwords/{made.id}/revoke", {"csrf": csrf})
    assert answer.status_code == 404
    wanted = {"csrf": csrf, "device": device.id, "service": "imap", "name": "Mine"}
    assert (await ken.post("/portal/app-passwords", wanted)).status_code == 422
    held = await stand.store.read(lambda tx: tx.find(AppPassword, device_id=device.id))
    assert [(each.id, each.revoked) for each in held] == [(made.id, False)]


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/portal/devices", {"name": "Thief", "kind": "phone"}),
        ("/portal/app-passwords", {"device": "d", "service": "imap", "name": "Thief"}),
        ("/portal/security/password", {"new": "quartz umbrella ninety", "repeat": "quartz umbrella ninety"}),
        ("/portal/security/code", {"code": "000000"}),
        ("/portal/security/recovery", {}),
    ],
)
async def test_what_opens_doors_needs_a_sign_in_of_the_last_ten_minutes(
    stand: Stand, path: str, fields: dict[str, str]
) -> None:
    """Attack D9, exact to the second."""
    browser = stand.browser()
    await browser.sign_in()
    shown_at = stand.clock.now() - 30  # the password; the code came half a minute later
    csrf = browser.forms["/language"]["csrf"]
    stand.clock.at = shown_at + 600
    answer = await browser.post(path, {"csrf": csrf, **fields})
    assert not answer.headers.get("location", "").startswith("/signin")
    stand.clock.at = shown_at + 601
    answer = await browser.post(path, {"csrf": csrf, **fields})
    assert answer.headers["location"].startswith("/signin?")


async def test_sessions_are_seen_and_ended(stand: Stand) -> None:
    user = await stand.user()
    session = LiveSession("s_1", "aiko", user.id, "", "", "imap", "203.0.113.9", "Thunderbird", "n1", stand.clock.now())
    others = LiveSession("s_2", "ken", "u_ken", "", "", "imap", "203.0.113.10", "", "n1", stand.clock.now())
    stand.live.take("n1", [session, others], [], True)
    browser = stand.browser()
    await browser.sign_in()
    page = await browser.open("/portal/sessions")
    assert "203.0.113.9" in page.text
    assert "203.0.113.10" not in page.text
    before = await stand.store.read(lambda tx: tx.last_change())
    await browser.send("/portal/sessions/s_1/end")
    changes = await stand.store.read(lambda tx: tx.changes(before))
    assert [change.handle for change in changes] == ["session:s_1"]
    csrf = browser.forms["/language"]["csrf"]
    await browser.post("/portal/sessions/s_2/end", {"csrf": csrf})
    assert await stand.store.read(lambda tx: tx.last_change()) == changes[-1].number


@pytest.mark.parametrize(("language", "words"), [("en", "New country"), ("ja", "初めての国")])
async def test_an_odd_sign_in_shows_where_it_came_from(stand: Stand, language: str, words: str) -> None:
    browser = stand.browser(language)
    await browser.sign_in()
    (signin,) = await stand.store.read(lambda tx: tx.find(SignIn))
    await stand.store.write(lambda tx: tx.put(replace(signin, country="DE", new_country=True)))
    page = await browser.open("/portal/sessions")
    assert "192.0.2.7 (DE)" in page.text
    assert words in page.text


async def test_all_other_browsers_are_signed_out(stand: Stand) -> None:
    here, there = stand.browser(), stand.browser()
    await there.sign_in()
    await here.sign_in()
    await here.open("/portal/sessions")
    await here.send("/portal/sessions/signins/others/end")
    assert here.title == "My sessions"
    await there.open("/portal")
    assert there.title == "Sign in"


async def test_the_password_is_changed(stand: Stand) -> None:
    browser = stand.browser()
    await browser.sign_in()
    await browser.open("/portal/security/password")
    page = await browser.send("/portal/security/password", new="aiko aiko aiko", repeat="aiko aiko aiko")
    assert page.status_code == 422
    await browser.send("/portal/security/password", new="quartz umbrella ninety", repeat="quartz umbrella ninety")
    assert "Your new password is in force." in browser.page.text
    assert (await stand.accounts.check_password("aiko", PASSWORD, "192.0.2.9")).user is None


async def test_the_authenticator_app_is_changed(stand: Stand) -> None:
    browser = stand.browser()
    await browser.sign_in()
    await browser.open("/portal/security/code")
    assert "<svg" in browser.page.text
    stand.seeds["aiko"] = browser.forms["/portal/security/code"]["seed"]
    await browser.send("/portal/security/code", code=stand.code())
    assert "Your new authenticator app is in force." in browser.page.text


async def test_home_says_what_opens_and_what_is_still_to_do(stand: Stand) -> None:
    browser = stand.browser()
    page = await browser.sign_in()
    assert "Mail opens only on registered devices." in page.text
    assert "Let the gate know this device" in page.text
    page = await browser.register()
    assert 'href="https://mail.example.test/"' in page.text
    assert "Let the gate know this device" not in page.text


@pytest.mark.parametrize("path", ["/nowhere", "/portal/devices/%2e%2e%2f%2e%2e", "/r/", "/signin/device/prove"])
async def test_what_is_not_there_has_a_page_of_its_own(stand: Stand, path: str) -> None:
    browser = stand.browser(**{"Accept-Language": "ja"})
    page = await browser.open(path)
    assert page.status_code in (404, 405)
    assert '<html lang="ja">' in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]


async def test_who_uses_the_portal_is_on_record_once(stand: Stand) -> None:
    browser = stand.browser()
    await browser.sign_in()
    await browser.open("/portal/devices")
    await browser.open("/portal")
    found = await stand.store.read(lambda tx: tx.audit_search(kind="decided"))
    assert [(entry.fields["service"], entry.fields["outcome"], entry.fields["again"]) for entry in found] == [
        ("portal", "allow", False)
    ]
    assert restore(found[0].fields["facts"]).factors.keys() == {Factor.PASSWORD, Factor.TOTP}

    await browser.register()
    await browser.open("/portal")
    found = await stand.store.read(lambda tx: tx.audit_search(kind="decided"))
    assert [(entry.fields["device_id"] != "", entry.fields["again"]) for entry in found] == [
        (True, True),
        (False, False),
    ]
