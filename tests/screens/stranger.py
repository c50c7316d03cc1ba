"""What anybody can see: the way in, what goes wrong on it, and the pages for what is not there."""

from tests.screens.camera import Camera
from tests.screens.tour import GO, Tour

PAGES = {
    "signin": "/signin",
    "signed-out": "/signed-out",
    "invitation-over": "/invite/none",
    "problem-400": "/enter?route=webmail",
    "problem-404": "/nowhere",
    "problem-405": "/signout",
}
MANY = 8


def walk(tour: Tour) -> None:
    """Photograph them."""
    with tour.camera() as camera:
        for name, address in PAGES.items():
            camera.take(name, address)
        camera.each("signin-wrong", lambda: wrong(camera, "nobody"))
        camera.each("problem-403", lambda: stale(camera))
        for _ in range(MANY):
            wrong(camera, "mallory")
        camera.each("signin-throttled", lambda: wrong(camera, "mallory"))


def wrong(camera: Camera, name: str) -> None:
    """Sign in with a password that is not right."""
    camera.open("/signin")
    camera.page.fill("#name", name)
    camera.page.fill("#password", "not the password")
    camera.page.click(GO)
    camera.page.wait_for_selector(".errors")


def stale(camera: Camera) -> None:
    """Send a form whose token is not ours."""
    camera.open("/signin")
    camera.page.eval_on_selector("[name=csrf]", "field => { field.value = 'stale'; }")
    camera.page.fill("#name", "nobody")
    camera.page.fill("#password", "nothing")
    camera.page.click(GO)
    camera.page.wait_for_selector("main .eyebrow")
