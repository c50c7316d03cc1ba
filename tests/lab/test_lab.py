"""The lab as people use it: Roundcube after one sign-in, mail out and in, all of it over when the device is revoked."""

import asyncio
import contextlib
import imaplib
import re
import shutil
import smtplib
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from playwright.async_api import BrowserContext

from tests.lab.browser import ADDRESS, CHROMIUM, chromium, message, sign_in, write
from tests.lab.laboratory import Laboratory
from tests.servers.processes import open_folder, root

MISSING = [name for name in ("dovecot", "postfix", "php") if shutil.which(name, path="/usr/sbin:/usr/bin") is None]
MISSING += [str(path) for path in (CHROMIUM, Path("/usr/share/roundcube")) if not path.exists()]

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}"),
    pytest.mark.skipif(not root(), reason="Postfix needs root"),
]

T = TypeVar("T")
SECONDS = 30
LARGE = 48 * 1024 * 1024
"""Octets of a letter that fits in no chain of socket buffers: whoever reads it slowly holds its IMAP connection."""


@pytest.fixture(scope="module")
def lab() -> Iterator[Laboratory]:
    with open_folder("gp-lab-") as folder:
        laboratory = Laboratory(folder)
        try:
            yield laboratory.start()
        finally:
            code = laboratory.end()
            left = laboratory.survivors()
        assert code == 0, laboratory.said
        assert left == []


async def until(seen: Callable[[], T], what: str, lab: Laboratory) -> T:
    """Ask again until there is an answer: what changes is another process's."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        if found := await asyncio.to_thread(seen):
            return found
        await asyncio.sleep(0.1)
    raise AssertionError(f"{what}\n{lab.logs()}")


def mailbox(lab: Laboratory, name: str) -> imaplib.IMAP4_SSL:
    """Return a mail program's session of ``name``, by the app password of their laptop."""
    context = ssl.create_default_context(cafile=lab.folder / "ca.pem")
    client = imaplib.IMAP4_SSL("localhost", lab.ports["imaps"], ssl_context=context, timeout=SECONDS)
    client.login(name, lab.app_password(name, "imap"))
    client.select("INBOX")
    return client


def received(lab: Laboratory, name: str, subject: str) -> str:
    """Return the letter with this subject out of somebody's mailbox, or nothing."""
    with mailbox(lab, name) as client:
        numbers = client.search(None, "SUBJECT", f'"{subject}"')[1][0].split()
        if not numbers:
            return ""
        parts: Any = client.fetch(numbers[-1].decode(), "(RFC822)")[1][0]
        return str(parts[1].decode())


def sessions(lab: Laboratory, device: str, service: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = lab.command("session", "list", "--service", service)["items"]
    return [each for each in found if each["device"] == device]


async def test_roundcube_opens_after_one_sign_in_reads_and_sends(lab: Laboratory) -> None:
    subject = f"From Roundcube at {time.time()}"
    async with chromium(lab.ports) as browser:
        page = await browser.new_page()
        await page.goto(lab.facts["webmail"])
        await sign_in(page, lab.person("alice"), "alice-browser")
        # No second password: what comes is the inbox.
        await page.click("#messagelist >> text=金曜日の打ち合わせについて")
        text = message(page).locator("#messagebody")
        await text.wait_for()
        assert "会議室は 3 階の「欅」です。" in await text.inner_text()
        await write(page, "bob@example.com", subject, "Sent by a browser.\n.\nこんにちは")
    letter = await until(lambda: received(lab, "bob", subject), "the letter did not arrive", lab)
    assert "From: alice@example.com" in letter

    # Both servers' logs name the person and their browser's address, and the gate's own session.
    lines = re.findall(
        r"Login: user=<alice@example\.com>, .*rip=(\S+), session=<(s_\w+)>", lab.log("dovecot", "dovecot.log")
    )
    assert lines
    assert {address for address, _ in lines} == {ADDRESS}
    decided = lab.command("audit", "search", "--kind", "decided", "--user", "alice")["items"]
    told = {each["session"]: each for each in decided if each["service"] == "imap"}
    assert {session for _, session in lines} <= told.keys()
    assert {told[session]["address"] for _, session in lines} == {ADDRESS}
    assert f"[{ADDRESS}], sasl_method=XOAUTH2, sasl_username=alice@example.com" in lab.log("postfix", "postfix.log")


def test_a_mistyped_colleague_is_refused_while_the_letter_is_written(lab: Laboratory) -> None:
    context = ssl.create_default_context(cafile=lab.folder / "ca.pem")
    with smtplib.SMTP_SSL("localhost", lab.ports["submissions"], context=context, timeout=SECONDS) as client:
        client.login("alice", lab.app_password("alice", "submission"))
        with pytest.raises(smtplib.SMTPRecipientsRefused, match="User unknown"):
            client.sendmail("alice@example.com", ["bbo@example.com"], b"From: alice@example.com\r\n\r\nhello\r\n")


async def test_revoking_the_browser_ends_its_page_and_its_imap_leg(lab: Laboratory) -> None:
    await asyncio.to_thread(put_large_letter, lab, "haruka")
    async with chromium(lab.ports) as browser:
        page = await browser.new_page()
        await page.goto(lab.facts["webmail"])
        await sign_in(page, lab.person("haruka"), "haruka-browser")
        await page.click("#messagelist >> text=A large letter")
        uid = await page.evaluate("rcmail.get_single_uid()")

        # A download that is read slowly: browser - gate - Roundcube - gate - Dovecot, all of it is in the air.
        cookies = await cookies_of(browser)
        listing = "/?_task=mail&_action=list&_remote=1&_mbox=INBOX"
        assert "A large letter" in await asyncio.to_thread(past_the_gate, lab, listing, cookies)
        with download(lab, f"/?_task=mail&_action=viewsource&_save=1&_mbox=INBOX&_uid={uid}", cookies) as stream:
            assert (await asyncio.to_thread(stream.recv, 4096)).startswith(b"HTTP/1.1 200")

            def leg_while_reading() -> list[dict[str, Any]]:
                stream.recv(65536)
                return sessions(lab, "haruka-browser", "imap")

            [leg] = await until(leg_while_reading, "no IMAP leg", lab)
            assert leg["address"] == ADDRESS

            lab.command("device", "revoke", leg["device_id"])
            await until(lambda: not sessions(lab, "haruka-browser", "imap"), "the IMAP leg lives on", lab)
            assert await asyncio.to_thread(rest_of, stream) < LARGE
        await until(lambda: not sessions(lab, "haruka-browser", "webmail"), "the page lives on", lab)
        assert ended(lab, leg["id"]) == "grant-ended"

        # The sign-in fell with the device: what the page shows now is ours.
        await page.reload()
        assert page.url.startswith(f"{lab.facts['issuer']}/signin?")
        assert await page.locator("#messagelist").count() == 0

    # Whoever reaches Roundcube past the gate, with those cookies, finds that its mail is shut now.
    answer = await asyncio.to_thread(past_the_gate, lab, listing, cookies)
    assert "A large letter" not in answer
    assert "Connection to IMAP server failed." in answer
    refused = lab.command("audit", "search", "--kind", "credential-refused")["items"][0]
    assert (refused["service"], refused["user"]) == ("imap", "haruka@example.com")


def put_large_letter(lab: Laboratory, name: str) -> None:
    line = b"x" * 998 + b"\r\n"
    letter = b"From: haruka@example.com\r\nSubject: A large letter\r\n\r\n" + line * (LARGE // len(line) + 1)
    with mailbox(lab, name) as client:
        client.append("INBOX", "", None, letter)  # type: ignore[arg-type]


async def cookies_of(browser: BrowserContext) -> str:
    return "; ".join(f"{each['name']}={each['value']}" for each in await browser.cookies())


@contextlib.contextmanager
def download(lab: Laboratory, path: str, cookies: str) -> Iterator[ssl.SSLSocket]:
    """Ask for ``path`` as the browser would, from where it is."""
    context = ssl.create_default_context(cafile=lab.folder / "ca.pem")
    plain = socket.socket()
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    plain.bind((ADDRESS, 0))
    plain.settimeout(SECONDS)
    plain.connect(("127.0.0.1", lab.ports["webmail"]))
    with context.wrap_socket(plain, server_hostname="localhost") as stream:
        stream.sendall(request(lab, path, cookies))
        yield stream


def request(lab: Laboratory, path: str, cookies: str) -> bytes:
    host = f"localhost:{lab.ports['webmail']}"
    head = (
        f"GET {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookies}\r\nX-Forwarded-Proto: https\r\nConnection: close\r\n"
    )
    return f"{head}\r\n".encode()


def rest_of(stream: ssl.SSLSocket) -> int:
    octets = 0
    with contextlib.suppress(ConnectionError, ssl.SSLError):
        while data := stream.recv(1 << 20):
            octets += len(data)
    return octets


def past_the_gate(lab: Laboratory, path: str, cookies: str) -> str:
    with socket.create_connection(("127.0.0.1", lab.ports["backend_web"]), SECONDS) as plain:
        plain.sendall(request(lab, path, cookies))
        answer = b""
        while data := plain.recv(65536):
            answer += data
    return answer.decode()


def ended(lab: Laboratory, session: str) -> str:
    """Return why a session ended, by the audit."""
    found = lab.command("audit", "search", session, "--kind", "session-ended")["items"]
    return str(found[0]["reason"])
