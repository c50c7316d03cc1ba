"""An admin in the console: every page, empty and filled, with faults, answers and conflicts."""

from tests.screens.camera import Camera
from tests.screens.person import reading_mail, signing_request
from tests.screens.tour import Tour

NAME = "ines"
QUESTION = "service=webmail&user=carol&device=carol-laptop&proof=certificate"
EMPTY = {
    "console-empty": "/console",
    "console-devices-pending-empty": "/console/devices?trust=pending",
    "console-users-none": "/console/users?q=nobody-like-that",
    "console-explain": "/console/policy/explain",
    "console-audit-none": "/console/audit?reference=AAAAAAAA",
}
FILLED = {
    "console": "/console",
    "console-filtered-none": "/console?q=nobody-like-that",
    "console-users": "/console/users",
    "console-user": "/console/users/alice",
    "console-devices": "/console/devices",
    "console-policy": "/console/policy",
    "console-explain-answer": f"/console/policy/explain?{QUESTION}",
    "console-history": "/console/policy/history",
    "console-revision": "/console/policy/history/1",
    "console-clients": "/console/clients",
    "console-audit": "/console/audit",
    "console-health": "/console/health",
}


def walk(tour: Tour) -> None:
    """Photograph them."""
    with tour.camera() as camera:
        tour.show_factors(camera, NAME)
        tour.register(camera, "Camera")
        for name, address in EMPTY.items():
            camera.take(name, address)
        with reading_mail(tour):
            for name, address in FILLED.items():
                camera.take(name, address)
            camera.take("console-device", f"/console/devices/{tour.demo.person('alice').laptop['id']}")
        _people(camera)
        _machine(tour, camera)
        _clients(camera)
        verify = "form[action$='/verify'] button"
        camera.each("console-audit-verified", lambda: _press(camera, "/console/audit", verify))


def _press(camera: Camera, address: str, button: str, waits_for: str = "main") -> None:
    camera.open(address)
    camera.page.click(button)
    camera.page.wait_for_selector(waits_for)
    camera.page.wait_for_load_state()


def _people(camera: Camera) -> None:
    page = camera.page

    def add() -> None:
        camera.open("/console/users")
        page.fill("#name", "alice")
        page.fill("#email", "alice@example.com")
        page.fill("#display_name", "Alice again")
        page.click("form:has(#email) .button.primary")
        page.wait_for_selector(".errors")

    camera.each("console-users-wrong", add)
    camera.each(
        "console-user-invited",
        lambda: _press(camera, "/console/users/bob", "form[action$='/invite'] button", ".copy"),
    )


def _machine(tour: Tour, camera: Camera) -> None:
    address = f"/console/devices/{tour.demo.person('bob').laptop['id']}"

    def certify() -> None:
        camera.open(address)
        camera.page.click("details.more > summary")
        camera.page.fill("#csr", signing_request())
        camera.page.click("form[action$='/certificate'] button")
        camera.page.wait_for_selector("#certificate")

    camera.each("console-certificate", certify)


def _clients(camera: Camera) -> None:
    page = camera.page

    def add(redirect: str) -> None:
        camera.open("/console/clients")
        page.fill("#name", "Wiki")
        page.fill("#redirect_uris", redirect)
        page.click("form:has(#redirect_uris) .button.primary")
        page.wait_for_load_state()

    camera.each("console-clients-wrong", lambda: add("ftp://wiki.example.com/"))
    camera.each("console-client-added", lambda: add("https://wiki.example.com/callback"))
