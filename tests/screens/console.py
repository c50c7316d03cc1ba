"""An admin in the console: every page, empty and filled, with faults, answers and conflicts."""

import time

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
BROKEN = """version: 1
rules:
  - name: a rule with a slip
    who: {groups: [staf]}
    servise: imap
    then: alow
"""


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
        _draft(camera)
        _conflict(tour, camera)
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


def _draft(camera: Camera) -> None:
    page = camera.page

    def check(text: str) -> None:
        camera.open("/console/policy")
        page.fill("#text", text)
        page.click("button[formaction$='/check']")
        page.wait_for_load_state()

    def publish_broken() -> None:
        camera.open("/console/policy")
        page.fill("#text", BROKEN)
        page.click("button[formaction$='/publish']")
        page.wait_for_load_state()

    def attempt() -> None:
        camera.open("/console/policy")
        page.click("details.more > summary")
        page.fill("#service", "imap")
        page.fill("#user", "bob")
        page.click("button[formaction$='/try']")
        page.wait_for_selector("#answer")

    camera.open("/console/policy")
    good = page.input_value("#text")
    camera.each("console-policy-faults", lambda: check(BROKEN))
    camera.each("console-policy-good", lambda: check(good))
    camera.each("console-policy-refused", publish_broken)
    camera.each("console-policy-try", attempt)


def _conflict(tour: Tour, camera: Camera) -> None:
    page = camera.page
    camera.open("/console/policy")
    good = page.input_value("#text")

    def collide() -> None:
        camera.open("/console/policy")
        page.fill("#text", good + "\n# what I wanted\n")
        theirs = tour.folder / "theirs.yaml"
        theirs.write_text(f"{good}\n# what somebody else wanted at {time.time():.1f}\n", encoding="utf-8")
        done = tour.demo.gatepost("policy", "publish", str(theirs.absolute()), "--comment", "another hand")
        assert done.returncode == 0, done.stdout + done.stderr
        page.click("button[formaction$='/publish']")
        page.wait_for_selector("[role=alert]")

    camera.each("console-policy-conflict", collide)
    theirs = tour.folder / "theirs.yaml"
    theirs.write_text(good, encoding="utf-8")
    tour.demo.gatepost("policy", "publish", str(theirs.absolute()), "--comment", "as it was")
    camera.take("console-published", "/console/policy/history?done=published")
