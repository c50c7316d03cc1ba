"""A stolen cookie is not a device: once the key has not answered for a while, the browser counts as one without it."""

import base64

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from idp.signin.lapsing import PROVE_EVERY, PROVE_WITHIN, as_counted, without_device
from kernel.authority import Subject, SubjectKey
from kernel.records.devices import Device, Proof, Trust
from tests.idp.signin.stand import OPEN_POLICY, PASSWORD, Browser, Stand

ENTER = "/enter?route=webmail&state=s1&to=/"
DEVICES_ONLY = OPEN_POLICY.replace(
    "service: [portal]\n", "service: [portal]\n    device: {trust: [enrolled], proof: [browser-key, certificate]}\n"
)


def stolen(stand: Stand, victim: Browser) -> Browser:
    """Return a browser elsewhere with every cookie of the victim's, and without the key."""
    thief = stand.browser(**{"X-Gatepost-Peer": "203.0.113.66"})
    for name, value in victim.client.cookies.items():
        thief.client.cookies.set(name, value, domain="id.example.test")
    return thief


async def at_home(stand: Stand) -> Browser:
    browser = stand.browser()
    await browser.sign_in()
    await browser.register()
    return browser


async def test_a_stolen_cookie_opens_no_door_for_devices_once_the_proof_is_old(stand: Stand) -> None:
    victim = await at_home(stand)
    await stand.publish(DEVICES_ONLY)
    thief = stolen(stand, victim)
    stand.clock.forward(PROVE_EVERY + 1)

    for door in ("/portal", "/portal/devices", ENTER):
        turned = await thief.client.get(door)
        assert turned.status_code == 303, door
        assert turned.headers["location"].startswith("/signin/device?"), door
    await thief.open("/portal")
    assert thief.title == "One moment"
    forged = {**thief.forms["/signin/device/prove"], "proof": thief.answer(thief.challenge())}
    assert (await thief.post("/signin/device/prove", forged)).headers["location"].startswith("/signin/device?")


async def test_the_owner_s_key_answers_and_leads_back(stand: Stand) -> None:
    owner = await at_home(stand)
    await stand.publish(DEVICES_ONLY)
    stand.clock.forward(PROVE_EVERY + 1)

    await owner.open("/portal/devices")
    assert owner.title == "One moment"
    await owner.send("/signin/device/prove", proof=owner.answer(owner.challenge()))
    assert owner.where == "/portal/devices"
    handed_over = await owner.open(ENTER)
    assert handed_over.headers["location"].startswith("https://mail.example.test/.gatepost/return?ticket=")


async def test_what_is_open_without_a_device_stays_open(stand: Stand) -> None:
    owner = await at_home(stand)
    stand.clock.forward(PROVE_EVERY + 1)

    await owner.open("/portal")

    assert owner.title == "Hello, Aiko Mori"


async def test_a_form_is_not_bounced_by_a_proof_that_still_counts_and_a_script_has_as_long(stand: Stand) -> None:
    owner = await at_home(stand)
    await owner.open("/portal/devices")
    csrf = next(iter(owner.forms.values()))["csrf"]
    await stand.publish(DEVICES_ONLY)
    stand.clock.forward(PROVE_EVERY + 1)
    script = {"Sec-Fetch-Mode": "cors"}

    assert (await owner.client.get("/portal", headers=script)).status_code == 200
    sent = await owner.post("/portal/sessions/signins/others/end", {"csrf": csrf})
    assert sent.headers["location"] == "/portal/sessions?done=ended"
    stand.clock.forward(PROVE_WITHIN)
    assert (await owner.client.get("/portal", headers=script)).status_code == 303
    assert (
        (await owner.post("/portal/sessions/signins/others/end", {"csrf": csrf}))
        .headers["location"]
        .startswith("/signin/device?")
    )


async def test_a_certificate_counts_only_on_the_connection_that_shows_it(stand: Stand) -> None:
    aiko = await stand.user()
    await stand.devices.load()
    device = await stand.devices.register_device("admin:root", aiko.id, "Desk", "linux")
    key = ec.generate_private_key(ec.SECP256R1())
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(key, SHA256())
    chain = await stand.devices.issue_certificate("admin:root", device.id, request.public_bytes(Encoding.PEM).decode())
    der = x509.load_pem_x509_certificate(chain.encode()).public_bytes(Encoding.DER)
    owner = stand.browser(**{"X-Gatepost-Certificate": base64.b64encode(der).decode()})
    await owner.open("/signin?to=/portal")
    await owner.send("/signin/password", name="aiko", password=PASSWORD)
    await owner.send("/signin/code", code=stand.code())
    await stand.publish(DEVICES_ONLY)

    assert (await owner.open("/portal")).status_code == 200
    thief = stolen(stand, owner)
    assert (await thief.client.get("/portal")).headers["location"].startswith("/signin/device?")


async def test_the_facts_that_count_have_no_device_in_any_corner(stand: Stand) -> None:
    owner = await at_home(stand)
    signin = await stand.signins.by_cookie(owner.client.cookies["__Host-gatepost"])
    assert signin is not None
    aiko, laptop = await stand.user(), Device(signin.device_id, "Laptop", signin.user_id, Trust.ENROLLED)
    key = SubjectKey(aiko.id, signin.device_id, signin.proof, signin.id)
    subject = Subject(key, aiko, laptop, signin, (), 1)

    assert as_counted(subject, signin) is subject
    bare = as_counted(subject, without_device(signin))
    assert (bare.device, bare.key.device_id, bare.key.proof) == (None, "", Proof.NONE)
    assert bare.signin is not None
    assert (bare.signin.device_id, bare.signin.proof) == ("", Proof.NONE)
