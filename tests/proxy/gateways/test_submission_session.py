"""Whole submission sessions over loopback sockets, with smtplib as the client."""

import asyncio
import contextlib
import smtplib
import ssl
from collections.abc import Callable
from typing import TypeVar

import pytest

from kernel.audit import LetterPassed
from kernel.config.settings import Tls
from kernel.reasons import Reason
from tests.proxy.gateways.sockets import Stage
from tests.servers.certificates import Authority

T = TypeVar("T")

LETTER = b"From: Alice <alice@example.org>\r\nTo: bob@example.net\r\nSubject: hi\r\n\r\n" + b"..a line\r\n" * 200_000


class NextHop:
    """A next hop that takes everything and keeps it."""

    def __init__(self) -> None:
        self.letters: list[bytes] = []
        self.commands: list[bytes] = []

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hop\r\n")
        while line := await reader.readline():
            self.commands.append(line)
            word = line.split(b" ")[0].strip()
            if word == b"EHLO":
                writer.write(b"250-hop\r\n250-8BITMIME\r\n250 SIZE 99999999\r\n")
            elif word == b"AUTH":
                writer.write(b"235 in\r\n")
            elif word == b"DATA":
                writer.write(b"354 go\r\n")
                self.letters.append((await reader.readuntil(b"\r\n.\r\n"))[:-3])
                writer.write(b"250 2.0.0 queued as %d\r\n" % len(self.letters))
            else:
                writer.write(b"250 ok\r\n")


@pytest.fixture
def hop() -> NextHop:
    return NextHop()


async def in_thread(work: Callable[[], T]) -> T:
    return await asyncio.wait_for(asyncio.to_thread(work), 20)


def client(stage: Stage) -> smtplib.SMTP:
    if stage.tls is Tls.IMPLICIT:
        smtp: smtplib.SMTP = smtplib.SMTP_SSL("localhost", stage.listening.port, context=stage.client_context())
    else:
        smtp = smtplib.SMTP("localhost", stage.listening.port)
        smtp.starttls(context=stage.client_context())
    return smtp


@pytest.mark.parametrize("tls", [Tls.IMPLICIT, Tls.STARTTLS])
async def test_a_letter_goes_out_and_is_on_record(authority: Authority, hop: NextHop, tls: Tls) -> None:
    stage = Stage(authority, "submission", tls=tls)
    stage.converse = hop.converse

    def send() -> None:
        with client(stage) as smtp:
            smtp.login("alice", "secret")
            assert smtp.sendmail("alice@example.org", ["bob@example.net"], LETTER) == {}
            with pytest.raises(smtplib.SMTPDataError) as refused:
                smtp.sendmail("alice@example.org", ["bob@example.net"], LETTER.replace(b"<alice@", b"<mallory@"))
            assert refused.value.smtp_code == 550
            with pytest.raises(smtplib.SMTPSenderRefused):
                smtp.sendmail("mallory@example.org", ["bob@example.net"], LETTER)

    async with stage.open():
        await in_thread(send)
        await stage.leases.until(lambda: bool(stage.leases.released))
    assert hop.letters == [LETTER.replace(b"\r\n..", b"\r\n...")]
    records = [event for event in stage.journal.events if isinstance(event, LetterPassed)]
    assert [(record.sender, record.recipients, record.answer[:9]) for record in records] == [
        ("alice@example.org", 1, "250 2.0.0"),
        ("alice@example.org", 1, "550 5.7.1"),
        ("mallory@example.org", 0, "550 5.7.1"),
    ]
    assert records[0].user == "alice"
    _, reason, inwards, _ = stage.leases.released[0]
    assert reason is None
    assert inwards > 2 * len(LETTER)


async def test_wrong_password_and_plaintext(authority: Authority, hop: NextHop) -> None:
    stage = Stage(authority, "submission", tls=Tls.STARTTLS)
    stage.converse = hop.converse

    def try_in() -> None:
        with smtplib.SMTP("localhost", stage.listening.port) as smtp:
            assert smtp.docmd("EHLO", "x")[0] == 250
            assert smtp.docmd("AUTH", "PLAIN AGFsaWNlAHNlY3JldA==")[0] == 530
        with client(stage) as smtp, pytest.raises(smtplib.SMTPAuthenticationError) as refused:
            smtp.login("alice", "wrong")
        assert refused.value.smtp_code == 535

    async with stage.open():
        await in_thread(try_in)
    assert hop.commands == []
    assert {attempt.password for attempt in stage.guard.attempts} == {"wrong"}


@pytest.mark.parametrize("within_data", [False, True])
async def test_a_falling_session(authority: Authority, hop: NextHop, within_data: bool) -> None:
    stage = Stage(authority, "submission")
    stage.converse = hop.converse
    async with stage.open():
        peer = await stage.connect()
        peer.say(b"EHLO x\r\nAUTH PLAIN AGFsaWNlAHNlY3JldA==\r\n")
        while not (line := await peer.line()).startswith(b"235"):
            assert line
        if within_data:
            peer.say(b"MAIL FROM:<alice@example.org>\r\nRCPT TO:<b@c.example>\r\nDATA\r\n" + LETTER[:5000])
            while not (await peer.line()).startswith(b"354"):
                pass
        stage.leases.only.holder.end(Reason.ENDED_BY_ADMIN, "This session was ended.")
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            heard = await peer.rest()
            assert heard == (b"" if within_data else b"421 4.7.0 This session was ended.\r\n")
        assert len(stage.leases.released) == 1
        await peer.close()
    assert hop.letters == []


async def test_next_hop_down(authority: Authority) -> None:
    stage = Stage(authority, "submission")  # converses with nobody: hangs up at once
    async with stage.open():
        peer = await stage.connect()
        peer.say(b"EHLO x\r\nAUTH PLAIN AGFsaWNlAHNlY3JldA==\r\n")
        assert (await peer.rest()).endswith(b"454 4.7.0 The mail server is out of reach; please try again shortly.\r\n")
        await peer.close()
