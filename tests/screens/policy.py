"""An admin at the policy: the editor with faults, offers, answers; the form; reviews, conflicts, trial and replay."""

import time
from collections.abc import Callable

from tests.screens.camera import Camera
from tests.screens.tour import Tour

NAME = "ines"
SLOW = 60_000
STRICTER = (
    "device: {trust: [enrolled, managed], proof: [app-password",
    "device: {trust: managed, proof: [app-password",
)
HOLE = (
    "who: {groups: [staff, mail-admins]}\n    service: [imap",
    "who: {groups: [staff, contractors]}\n    service: [imap",
)
"""What to change in the demo's policy: a stricter one, and one that breaks what must never be."""
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
        tour.register(camera, "Camera at the policy")
        _draft(camera)
        _conflict(tour, camera)


def _open(camera: Camera) -> None:
    """Open the editor with what is in force, not with a draft that this tab has kept."""
    camera.open("/console/policy")
    if camera.page.is_visible("[data-discard]"):
        camera.page.click("[data-discard]")
        camera.page.wait_for_selector("[data-kept]", state="hidden")


def _draft(camera: Camera) -> None:
    """A draft in the editor: with faults, good, mended, asked; as a form; its table; reviewed; refused."""
    page = camera.page

    def type_(text: str) -> None:
        _open(camera)
        page.fill("#text", text)
        page.wait_for_selector("[data-bench][data-checked]")

    def attempt() -> None:
        type_(good)
        page.fill("#user", "bob")
        page.select_option("#service", "imap")
        page.wait_for_selector("[data-answer] .verdict")

    def fill_in() -> None:
        type_(good)
        page.click("button[data-to=form]")
        page.click("#head-rules-1")
        page.wait_for_selector("#v-name")

    def complete() -> None:
        type_(good)
        page.focus("#text")
        page.keyboard.press("Control+End")
        page.keyboard.type("  - name: next")
        page.keyboard.press("Enter")
        page.keyboard.type("outcome: ")
        page.wait_for_selector("#offers:not([hidden])")

    def review(text: str) -> None:
        type_(text)
        page.click("button[formaction$='/review']")
        page.wait_for_selector("h1")
        page.wait_for_selector("[data-later] progress", state="detached", timeout=SLOW)
        for row in page.query_selector_all(".change > details, .proof details"):
            row.evaluate("row => { row.open = true; }")

    _open(camera)
    good = page.input_value("#text")
    camera.each("console-policy-empty", lambda: type_(""))
    camera.each("console-policy-faults", lambda: type_(BROKEN))
    camera.each("console-policy-complete", complete)
    camera.each("console-policy-asked", attempt)
    camera.each("console-policy-form", fill_in)
    camera.each("console-policy-review", lambda: review(good.replace(*STRICTER)))
    camera.each("console-policy-review-faulty", lambda: review(BROKEN))
    camera.each("console-policy-review-broken", lambda: review(good.replace(*HOLE)))
    camera.take("console-policy-start", "/console/policy/start")
    camera.take("console-policy-proposals", "/console/policy/proposals")
    camera.take("console-policy-replay-ask", "/console/policy/replay")
    camera.take("console-policy-trial-none", "/console/policy/trial")
    _watched(camera, lambda: review(good.replace(*STRICTER)))


def _watched(camera: Camera, review: Callable[[], None]) -> None:
    """A trial and a replay of a draft."""
    page = camera.page

    def replay() -> None:
        review()
        page.click("button[formaction$='/replay']")
        page.wait_for_selector("[data-replay='']", timeout=SLOW)

    def trial() -> None:
        camera.open("/console/policy/trial")
        if page.query_selector("form[action$='/stop']"):
            return
        review()
        page.click("button[formaction$='/trial']")
        page.wait_for_selector("[data-trial]")

    camera.each("console-policy-replay", replay)
    camera.each("console-policy-trial", trial)
    page.click("form[action$='/stop'] button")
    page.wait_for_selector(".notice.ok")


def _conflict(tour: Tour, camera: Camera) -> None:
    page = camera.page
    _open(camera)
    good = page.input_value("#text")

    def collide(mine: str) -> None:
        _open(camera)
        page.fill("#text", mine)
        page.click("button[formaction$='/review']")
        page.wait_for_selector("#review")
        theirs = tour.folder / "theirs.yaml"
        theirs.write_text(f"# what somebody else wanted at {time.time():.1f}\n{good}", encoding="utf-8")
        done = tour.demo.gatepost("policy", "publish", str(theirs.absolute()), "--comment", "another hand")
        assert done.returncode == 0, done.stdout + done.stderr
        page.click("#review .button.primary")
        page.wait_for_selector(".places")

    camera.each("console-policy-conflict", lambda: collide(f"{good}\n# what I wanted\n"))
    camera.each("console-policy-collides", lambda: collide(f"# what I wanted\n{good}"))
    _open(camera)
    theirs = tour.folder / "theirs.yaml"
    theirs.write_text(good, encoding="utf-8")
    tour.demo.gatepost("policy", "publish", str(theirs.absolute()), "--comment", "as it was")
    camera.take("console-published", "/console/policy/history?done=published")
    camera.take("console-policy-compared", "/console/policy/history/compare?from=1&to=2")
