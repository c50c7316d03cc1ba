"""``python -m tests.screens <demo.json> <outdir>``: sign in as an admin and as a person, photograph everything, and
write ``index.html`` beside the pictures. Exit code 1 when a page overflows or a script of ours fails."""

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, async_playwright

from idp.accounts import totp
from tests.screens.camera import Camera
from tests.screens.tour import ADMIN, LINKED, PERSON, STRANGER, Stop, people

CHROMIUM = "/usr/bin/chromium"


async def photograph(demo: dict[str, Any], folder: Path) -> list[str]:
    """Take all pictures; return what was wrong."""
    folder.mkdir(parents=True, exist_ok=True)
    admin, person = people(demo)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        faults = await _visit(browser, demo, folder, None, STRANGER)
        faults += await _visit(browser, demo, folder, person, (*PERSON, Stop("webmail-refused", demo["webmail"])))
        faults += await _visit(browser, demo, folder, admin, ADMIN)
        await browser.close()
    (folder / "index.html").write_text(_index(folder))
    return faults


async def _visit(
    browser: Browser, demo: dict[str, Any], folder: Path, who: dict[str, Any] | None, stops: tuple[Stop, ...]
) -> list[str]:
    context = await browser.new_context(ignore_https_errors=True)
    camera = Camera(context, await context.new_page(), demo["issuer"], folder)
    if who:
        await _sign_in(camera, who, register=stops is ADMIN)
    for stop in stops:
        await camera.take(stop.name, stop.address)
    for name, (page, beginning) in LINKED.items():
        if who and page in {stop.address for stop in stops}:
            address = await camera.first_link(page, beginning)
            if address:
                await camera.take(name, address)
    await context.close()
    return camera.faults


async def _sign_in(camera: Camera, who: dict[str, Any], register: bool) -> None:
    """Sign in as a person would, taking the pictures that only this way shows."""
    page, name = camera.page, who["name"]
    await camera.speak("en")
    await page.goto(camera.full("/signin?to=/portal"))
    await page.fill("#name", name)
    await page.fill("#password", who["password"])
    await page.click(".form .button.primary")
    await page.wait_for_selector("#code")
    await camera.here("signin-code", "en")
    await page.fill("#code", totp.code_at(who["totp_secret"], totp.step_at(time.time())))
    await page.click(".form .button.primary")
    await page.wait_for_selector("form[data-register]:not([hidden])")
    await camera.here("signin-device", "en")
    if register:
        await page.fill("#name", "Camera")
        await page.click("form[data-register] .button.primary")
        await page.wait_for_url("**/portal")


def _index(folder: Path) -> str:
    pictures = "".join(
        f'<figure><img loading="lazy" src="{picture.name}" alt=""><figcaption>{picture.stem}</figcaption></figure>'
        for picture in sorted(folder.glob("*.png"))
    )
    style = "body{display:flex;flex-wrap:wrap;gap:1rem;background:#888}img{width:24rem}figure{margin:0}"
    return f"<!doctype html><title>Gatepost screens</title><style>{style}</style>{pictures}"


def main() -> int:
    """Run from the command line."""
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    demo = json.loads(Path(sys.argv[1]).read_text())
    faults = asyncio.run(photograph(demo, Path(sys.argv[2])))
    print("\n".join(faults) or "every page fits, no script failed")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
