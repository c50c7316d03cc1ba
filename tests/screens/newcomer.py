"""Somebody new: the invitation, the three steps, an empty portal, a recovery code; and who lacks a factor."""

import time

from tests.screens.camera import LANGUAGES, Camera
from tests.screens.tour import GO, Tour

PASSWORD = "lantern gravel umbrella"
EMPTY = {
    "portal-empty": "/portal",
    "portal-devices-empty": "/portal/devices",
    "portal-app-passwords-empty": "/portal/app-passwords",
    "portal-sessions-empty": "/portal/sessions",
}


def walk(tour: Tour) -> None:
    """Enrol one person in each language, and photograph every step."""
    for language in LANGUAGES:
        with tour.camera() as camera:
            camera.speak(language)
            _enrol(tour, camera, language)
    for language in LANGUAGES:
        with tour.camera() as camera:
            camera.speak(language)
            _lacking(tour, camera, language)


def _add(tour: Tour, what: str, *more: str) -> str:
    name = f"tour-{what}-{int(time.time() * 10) % 10**8}"
    tour.demo.orders("user", "add", name, "--email", f"{name}@example.com", "--group", "staff", *more)
    return name


def _enrol(tour: Tour, camera: Camera, language: str) -> None:
    page = camera.page

    def shown(what: str) -> None:
        camera.here(what, language)

    name = _add(tour, language, "--display-name", {"en": "Aiko Brandt", "ja": "高橋 愛子"}[language])
    camera.open(str(tour.demo.orders("user", "invite", name)["invitation"]))
    shown("invitation")
    page.click(GO)
    shown("new-password")
    _two(camera, PASSWORD, "another thing")
    shown("new-password-wrong")
    _two(camera, PASSWORD, PASSWORD)
    shown("new-code")
    seed = page.get_attribute("[name=seed]", "value") or ""
    _one(camera, "#code", "000000")
    shown("new-code-wrong")
    _one(camera, "#code", tour.present_code(seed))
    page.wait_for_selector("ol.codes")
    shown("recovery-codes")
    codes = page.locator("ol.codes li").all_inner_texts()
    page.click("main a.button.primary")
    tour.go_without(camera)
    for stop, address in EMPTY.items():
        camera.open(address)
        shown(stop)
    page.click(".who button")
    tour.show_password(camera, name, PASSWORD)
    page.click("a[href^='/signin/recovery']")
    shown("recovery")
    _one(camera, "#recovery", "aaaa-bbbb-cccc")
    shown("recovery-wrong")
    _one(camera, "#recovery", codes[0].strip())
    page.wait_for_selector("form[data-register]:not([hidden])")


def _lacking(tour: Tour, camera: Camera, language: str) -> None:
    name = _add(tour, "bare", "--no-invite")
    done = tour.demo.gatepost("user", "password", name, text=f"{PASSWORD}\n")
    assert done.returncode == 0, done.stderr
    tour.show_password(camera, name, PASSWORD)
    if camera.page.query_selector("#new"):
        camera.here("new-password-chosen-by-admin", language)
        _two(camera, f"{PASSWORD} mine", f"{PASSWORD} mine")
    camera.open("/portal")
    camera.here("lacking", language)


def _one(camera: Camera, field: str, text: str) -> None:
    camera.page.fill(field, text)
    camera.page.click(GO)
    camera.page.wait_for_load_state()


def _two(camera: Camera, new: str, repeat: str) -> None:
    camera.page.fill("#new", new)
    _one(camera, "#repeat", repeat)
