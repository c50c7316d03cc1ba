"""The demo's mail system: pymap serves Maildirs over IMAP, ``pop3store`` over POP3, aiosmtpd takes letters and delivers
them there.

It trusts one master (PLAIN with an authzid), which is the gate, and listens on loopback alone. Run it as ``python
deploy/demo/mailstore.py DIRECTORY IMAP_PORT POP3_PORT SMTP_PORT SECRET_FILE ADDRESS...``; every ADDRESS gets a mailbox.
A POP3_PORT of 0 is not opened.
"""

import asyncio
import hmac
import logging
import secrets
import signal
import sys
import time
import warnings
from argparse import Namespace
from contextlib import AsyncExitStack
from email import message_from_bytes, policy
from email.message import EmailMessage
from mailbox import MaildirMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import UnthreadedController
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from pop3store import pop3
from pymap.backend.maildir import Config, Identity, Login, MaildirBackend
from pymap.backend.maildir.layout import MaildirLayout
from pymap.backend.maildir.mailbox import Maildir
from pymap.imap import IMAPService
from pysasl.creds.plain import PlainCredentials

MASTER = "gatepost"
ELSEWHERE = "elsewhere"
LARGEST = 50 * 1024 * 1024
LONGEST_GOODBYE = 2.0
AT_ONCE = 64
"""Threads of the store. Every session in IDLE sits in one for a second at a time, so a few would starve the rest."""


class AsDelivered(MaildirMessage):
    """A message whose octets are those that were delivered, lines ended by CR LF, not what a parser makes of them."""

    octets = b""

    def __bytes__(self) -> bytes:
        return self.octets


class Box(Maildir):
    """A Maildir that hands letters out unchanged."""

    def get_message(self, key: str) -> AsDelivered:
        message = AsDelivered(super().get_message(key))
        octets = Path(self._join(self._lookup(key))).read_bytes()
        message.octets = octets.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")  # what APPEND stored has bare LF
        return message


class Account(Identity):
    """A person's mailbox, opened as a ``Box``."""

    def _load_maildir(self, mailbox_path: str) -> tuple[Maildir, Any]:
        path = Path(self.config.base_dir) / mailbox_path
        return Box(str(path), create=not path.exists()), MaildirLayout.get(str(path), self.config.layout, Box)


class MasterLogin(Login):
    """Lets the master in as anybody, and nobody else at all."""

    def __init__(self, config: Config, secret: str) -> None:
        super().__init__(config)
        self.secret = secret

    async def authenticate(self, credentials: Any) -> Identity:
        master = Namespace(compare_authcid=MASTER.__eq__, compare_secret=self._is_secret)
        if isinstance(credentials, PlainCredentials) and credentials.verify(master):
            return Account(self.config, self.tokens, credentials.authcid, None, {"admin"})
        return await super().authenticate(credentials)

    async def authorize(self, authenticated: Any, authzid: str) -> Identity:
        allowed = await super().authorize(authenticated, authzid)
        return Account(self.config, self.tokens, allowed.name, None, set())

    def _is_secret(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(), self.secret.encode())


class Postman:
    """Delivers accepted letters: to a local mailbox, or into the folder that stands for the rest of the world."""

    def __init__(self, directory: Path, addresses: list[str], secret: str) -> None:
        self.directory = directory
        self.addresses = {address.lower() for address in addresses}
        self.secret = secret

    def authenticate(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        right = isinstance(data, LoginPassword) and hmac.compare_digest(data.password, self.secret.encode())
        return AuthResult(success=right, handled=False)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        letter = message_from_bytes(envelope.original_content or b"", policy=policy.SMTP)
        del letter["Bcc"]
        for recipient in envelope.rcpt_tos:
            address = recipient.lower()
            box = address if address in self.addresses else ELSEWHERE
            await asyncio.to_thread(deliver, self.directory / box, letter)
        return "250 2.0.0 delivered"


def deliver(directory: Path, letter: EmailMessage) -> Path:
    """Put one letter into a Maildir, new and unseen, lines ended by CR LF; return where it lies."""
    for part in ("tmp", "new", "cur"):
        (directory / part).mkdir(parents=True, exist_ok=True)
    name = f"{time.time_ns()}.{secrets.token_hex(8)}.demo"
    written = directory / "tmp" / name
    written.write_bytes(letter.as_bytes(policy=policy.SMTP))
    return written.rename(directory / "new" / name)


def write_users(directory: Path, addresses: list[str]) -> None:
    """Write pymap's user table: every address is a user whose mailbox has the same name; nobody has a password."""
    directory.mkdir(parents=True, exist_ok=True)
    lines = (f"{address}:*:::{''}:{address}:" for address in addresses)
    (directory / "pymap-etc-passwd").write_text("\n".join(lines) + "\n", encoding="utf-8")


def box_of(directory: Path, addresses: list[str], address: str) -> Box:
    """Return somebody's mailbox.

    Raises:
        KeyError: nobody has that address.
    """
    if address not in addresses:
        raise KeyError(address)
    return Box(str(directory / address), create=True)


async def serve(
    directory: Path, imap_port: int, pop3_port: int, smtp_port: int, secret: str, addresses: list[str]
) -> None:
    """Serve IMAP, POP3 and SMTP on loopback until SIGTERM or SIGINT."""
    write_users(directory, addresses)
    args = Namespace(
        host=["127.0.0.1"], port=str(imap_port), tls=False, cert=None, key=None, inherited_sockets=None,
        proxy_protocol=None, base_dir=str(directory), layout="++", colon=None, concurrency=AT_ONCE, debug=False,
        skip_services=[], passlib_cfg=None, logging_cfg=None,
    )  # fmt: skip
    config = Config.from_args(args)
    backend = MaildirBackend(MasterLogin(config, secret), config)
    config.apply_context()
    postman = Postman(directory, addresses, secret)
    loop = asyncio.get_running_loop()
    smtp = UnthreadedController(
        postman, hostname="127.0.0.1", port=smtp_port, loop=loop, authenticator=postman.authenticate,
        auth_required=True, auth_require_tls=False, data_size_limit=LARGEST, enable_SMTPUTF8=True,
    )  # fmt: skip
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        await IMAPService(backend, config).start(stack)
        if pop3_port:
            talk = pop3(lambda address: box_of(directory, addresses, address), MASTER, secret)
            stack.callback((await asyncio.start_server(talk, "127.0.0.1", pop3_port)).close)
        smtp.server = await smtp._create_server()
        await stop.wait()
        smtp.server.close()
        await _hang_up()


async def _hang_up() -> None:
    """End every connection: from Python 3.12 on, a server that is left waits until its last client has gone."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.wait(others, timeout=LONGEST_GOODBYE)


def main() -> None:
    # aiosmtpd warns of authentication without TLS; here the line is loopback, and the gate at its other end.
    warnings.filterwarnings("ignore", message="Requiring AUTH")
    warnings.filterwarnings("ignore", message="Session.login_data")
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    directory, imap_port, pop3_port, smtp_port, secret_file, *addresses = sys.argv[1:]
    secret = Path(secret_file).read_text(encoding="utf-8").strip()
    asyncio.run(serve(Path(directory), int(imap_port), int(pop3_port), int(smtp_port), secret, addresses))


if __name__ == "__main__":
    main()
