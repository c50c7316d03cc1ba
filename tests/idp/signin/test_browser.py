"""The pages in a real Chromium: the key that cannot leave it, the strict policy on scripts, life without JavaScript."""

import asyncio
import datetime
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from playwright.async_api import Browser, Page, async_playwright

from kernel.records.devices import Device
from tests.idp.signin.stand import OPEN_POLICY, PASSWORD, Stand, settings_at
from tests.servers.processes import free_port

pytestmark = pytest.mark.e2e


def certificate(folder: Path) -> tuple[Path, Path]:
    """Write a self-signed certificate for localhost and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + datetime.timedelta(days=1))
    paths = folder / "tls.pem", folder / "tls.key"
    paths[0].write_bytes(made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    secret = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    paths[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, form, secret))
    return paths


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Stand]:
    port = free_port()
    settings = settings_at(tmp_path)
    settings = replace(settings, site=replace(settings.site, issuer=f"https://localhost:{port}"))
    stand = Stand.build(settings)
    await stand.publish(OPEN_POLICY)
    await stand.person()
    chain, key = certificate(tmp_path)
    config = uvicorn.Config(stand.app, port=port, ssl_certfile=chain, ssl_keyfile=key, log_level="error")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    async with asyncio.timeout(20):
        while not server.started:
            await asyncio.sleep(0)
    yield stand
    server.should_exit = True
    await serving
    await stand.close()


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser
        await browser.close()


async def show_factors(page: Page, stand: Stand) -> None:
    """Sign in by the keyboard alone."""
    await page.goto(f"{stand.settings.site.issuer}/signin?to=/portal")
    await page.wait_for_selector("[autocomplete=username]:focus")  # keys pressed before would go nowhere
    await page.keyboard.type("aiko")
    await page.keyboard.press("Tab")
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_selector("#code:focus")
    await page.keyboard.type(stand.code())
    await page.keyboard.press("Enter")


async def test_a_browser_registers_once_and_is_recognised_without_a_question(served: Stand) -> None:
    async with chromium() as browser:
        context = await browser.new_context(ignore_https_errors=True)
        page = await context.new_page()
        heard: list[str] = []
        page.on("console", lambda message: heard.append(message.text) if message.type == "error" else None)
        await show_factors(page, served)
        await page.fill("form[data-register] #name", "Test laptop")
        await page.keyboard.press("Enter")
        await page.wait_for_selector("text=You are on Test laptop")
        exported = await page.evaluate(
            """new Promise((done) => {
                 indexedDB.open("gatepost").onsuccess = ({target}) => {
                   const asked = target.result.transaction("keys").objectStore("keys").getAll();
                   asked.onsuccess = () => crypto.subtle.exportKey("pkcs8", asked.result[0].privateKey)
                     .then(() => done("exported"), (fault) => done(fault.name));
                 }; })"""
        )
        assert exported == "InvalidAccessError"
        await page.click("text=Sign out")
        await page.wait_for_selector("text=You are signed out")
        await show_factors(page, served)
        await page.wait_for_selector("text=You are on Test laptop")
        aiko = await served.user()
        devices = await served.store.read(lambda tx: tx.find(Device, owner=aiko.id))
        assert [device.name for device in devices] == ["Test laptop"]
        assert heard == []


async def test_a_browser_that_lost_its_key_says_so_and_registers_anew(served: Stand) -> None:
    async with chromium() as browser:
        context = await browser.new_context(ignore_https_errors=True)
        page = await context.new_page()
        await show_factors(page, served)
        await page.wait_for_selector("form[data-register]:not([hidden])")
        await page.click("form[data-register] .button.primary")
        await page.wait_for_url("**/portal")
        await page.evaluate("new Promise((done) => { indexedDB.deleteDatabase('gatepost').onsuccess = done; })")
        await page.click("text=Sign out")
        await show_factors(page, served)
        await page.wait_for_selector("text=This browser has lost its key")
        await page.click("text=Register anew")
        await page.wait_for_selector("form[data-register]:not([hidden])")


async def test_without_javascript_sign_in_works_as_an_unknown_device(served: Stand) -> None:
    async with chromium() as browser:
        context = await browser.new_context(ignore_https_errors=True, java_script_enabled=False)
        page = await context.new_page()
        await show_factors(page, served)
        await page.click("text=Continue without")
        await page.wait_for_selector("text=a device that the gate does not know yet")
