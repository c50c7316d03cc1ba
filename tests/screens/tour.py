"""One walk through a running demo: its facts, one browser, and profiles that cameras stand in. The walks use it up a
little: they add people whose names begin with ``tour-``, app passwords and revisions of the policy."""

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser

from idp.accounts import totp
from tests.e2e.demo import Demo
from tests.screens.camera import Camera

GO = ".form .button.primary"
REGISTER = "form[data-register]"
PATIENCE = 15_000


@dataclass
class Tour:
    """What every walk needs. ``faults`` collects what was found wrong."""

    demo: Demo
    browser: Browser
    folder: Path
    faults: list[str] = field(default_factory=list)

    @contextlib.contextmanager
    def camera(self, *, scripts: bool = True) -> Iterator[Camera]:
        """Lend a fresh profile with a camera in it."""
        context = self.browser.new_context(ignore_https_errors=True, java_script_enabled=scripts)
        context.set_default_timeout(PATIENCE)
        try:
            yield Camera(context, self.demo.issuer, self.folder, self.faults)
        finally:
            context.close()

    def show_factors(self, camera: Camera, name: str, to: str = "/portal") -> None:
        """Show password and code of one of the demo's people; end at whatever is asked next."""
        self.show_password(camera, name, self.demo.person(name).password, to)
        camera.page.fill("#code", self.demo.code(self.demo.person(name)))
        camera.page.click(GO)

    def show_password(self, camera: Camera, name: str, password: str, to: str = "/portal") -> None:
        """Show a password, and no more."""
        camera.open(f"/signin?to={to}")
        camera.page.fill("#name", name)
        camera.page.fill("#password", password)
        camera.page.click(GO)

    def register(self, camera: Camera, name: str) -> None:
        """Register this browser, where that is asked."""
        camera.page.wait_for_selector(f"{REGISTER}:not([hidden])")
        camera.page.fill("#name", name)
        camera.page.click(f"{REGISTER} .button.primary")
        camera.page.wait_for_url(lambda url: "/signin" not in url)

    def go_without(self, camera: Camera) -> None:
        """Leave this browser unregistered."""
        camera.page.wait_for_selector(f"{REGISTER}:not([hidden])")
        camera.page.click("[data-skip]")
        camera.page.wait_for_url(lambda url: "/signin" not in url)

    def present_code(self, seed: str) -> str:
        """Return the code that an authenticator app shows now."""
        return totp.code_at(seed, totp.step_at(time.time()))
