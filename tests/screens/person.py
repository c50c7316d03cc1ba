"""One of the staff: codes, an unknown browser, the refusal and its reason, every page of the portal, filled."""

import contextlib
from collections.abc import Iterator

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.e2e.mail import imap
from tests.screens.camera import Camera
from tests.screens.tour import GO, REGISTER, Tour

NAME = "alice"
PAGES = {
    "portal": "/portal",
    "portal-devices": "/portal/devices",
    "portal-bring": "/portal/devices/code",
    "portal-done": "/portal/devices?done=removed",
    "portal-app-passwords": "/portal/app-passwords",
    "portal-sessions": "/portal/sessions",
    "portal-security": "/portal/security",
    "portal-password": "/portal/security/password",
    "portal-code": "/portal/security/code",
    "why-unknown": "/r/AAAAAAAA",
}
FORGET = "() => new Promise((done) => { indexedDB.deleteDatabase('gatepost').onsuccess = done; })"
HIDE = "delete window.indexedDB; Object.defineProperty(window, 'indexedDB', {value: undefined});"


def walk(tour: Tour) -> None:
    """Photograph them."""
    with tour.camera() as camera, reading_mail(tour):
        _unknown(tour, camera)
        _filled(tour, camera)
        _certificate(tour, camera)
        _app_password(tour, camera)
        _recovery(camera)
    with tour.camera() as camera:
        _browser(tour, camera)
    with tour.camera(scripts=False) as camera:
        tour.show_factors(camera, "carol")
        camera.take("device-noscript", "/signin/device")


@contextlib.contextmanager
def reading_mail(tour: Tour) -> Iterator[None]:
    """Keep a few mail sessions open."""
    with contextlib.ExitStack() as held:
        for name in (NAME, NAME, "bob", "haruka"):
            held.enter_context(imap(tour.demo, tour.demo.person(name)))
        yield


def _unknown(tour: Tour, camera: Camera) -> None:
    tour.show_password(camera, NAME, tour.demo.person(NAME).password)
    camera.take("signin-code", "/signin")
    camera.each("signin-code-wrong", lambda: _wrong_code(camera))
    camera.open("/signin")
    camera.page.fill("#code", tour.demo.code(tour.demo.person(NAME)))
    camera.page.click(GO)
    camera.page.wait_for_selector(f"{REGISTER}:not([hidden])")
    camera.each("device-register", lambda: _register_page(camera))
    tour.go_without(camera)
    camera.take("refused", tour.demo.webmail)
    camera.take("refused-console", "/console")
    reference = camera.page.inner_text(".reference")
    camera.take("why", f"/r/{reference}")


def _wrong_code(camera: Camera) -> None:
    camera.open("/signin")
    camera.page.fill("#code", "000000")
    camera.page.click(GO)
    camera.page.wait_for_selector(".errors")


def _register_page(camera: Camera) -> None:
    camera.open("/signin/device")
    camera.page.wait_for_selector(f"{REGISTER}:not([hidden])")


def _filled(tour: Tour, camera: Camera) -> None:
    for name, address in PAGES.items():
        camera.take(name, address)
    camera.take("portal-device", f"/portal/devices/{tour.demo.person(NAME).laptop['id']}")
    camera.each("portal-password-wrong", lambda: _differing(camera))
    camera.each("signin-again", lambda: camera.open("/signin?full=1&within=0"))


def _differing(camera: Camera) -> None:
    camera.open("/portal/security/password")
    camera.page.fill("#new", "one thing or another")
    camera.page.fill("#repeat", "something else")
    camera.page.click(GO)
    camera.page.wait_for_selector(".errors")


def _certificate(tour: Tour, camera: Camera) -> None:
    address = f"/portal/devices/{tour.demo.person(NAME).laptop['id']}"

    def ask(request: str) -> None:
        camera.open(address)
        camera.page.click("details.more summary")
        camera.page.fill("#csr", request)
        camera.page.click("form[action$='/certificate'] button")
        camera.page.wait_for_load_state()

    camera.each("portal-certificate-wrong", lambda: ask("-----BEGIN CERTIFICATE REQUEST-----\nnonsense\n"))
    camera.each("portal-certificate", lambda: ask(signing_request()))


def signing_request() -> str:
    """Return a request for a certificate, with a fresh key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tour")])
    request = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    return request.public_bytes(serialization.Encoding.PEM).decode()


def _app_password(tour: Tour, camera: Camera) -> None:
    form = "main form:has(#device)"

    def make(name: str, tick: bool) -> None:
        camera.open("/portal/app-passwords")
        camera.page.fill("#name", name)
        for box in camera.page.query_selector_all("input[name=service]"):
            box.set_checked(tick)
        camera.page.click(f"{form} .button.primary")
        camera.page.wait_for_load_state()

    camera.each("portal-app-password-wrong", lambda: make("Thunderbird", False))
    camera.each("portal-app-password", lambda: make("Thunderbird", True))


def _recovery(camera: Camera) -> None:
    def renew() -> None:
        camera.open("/portal/security")
        camera.page.click("form[action$='/recovery'] button")
        camera.page.wait_for_selector("ol.codes")

    camera.each("portal-recovery", renew)


def _browser(tour: Tour, camera: Camera) -> None:
    """A registered browser: known at home, then without its key, then without any place for one."""
    tour.show_factors(camera, "bob")
    tour.register(camera, "Bob's Chromium")
    camera.take("portal-known", "/portal")
    camera.page.evaluate(FORGET)

    def prove() -> None:
        camera.open("/signin/device?to=/portal/devices")
        camera.page.wait_for_selector("[data-when=unknown]:not([hidden])")

    camera.each("device-lost-key", prove)
    camera.page.add_init_script(HIDE)
    camera.each("device-impossible", lambda: camera.open("/signin/device?to=/portal/devices"))
