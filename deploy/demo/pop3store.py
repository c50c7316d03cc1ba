"""The demo's POP3 (RFC 1939): the Maildirs that IMAP serves, for the gate alone.

It knows one way in, PLAIN with the master's secret and the name of whose mailbox it is to be, and listens on loopback.
"""

import asyncio
import base64
import binascii
import hmac
from collections.abc import Awaitable, Callable
from mailbox import Maildir

CAPABILITIES = ("TOP", "UIDL", "RESP-CODES", "PIPELINING", "AUTH-RESP-CODE", "SASL PLAIN")
PATIENCE = 600.0


class Wrong(Exception):
    """The command is refused; the message says why."""


class Drop:
    """A mailbox as it was when the session began; what is marked goes when it ends well."""

    def __init__(self, box: Maildir) -> None:
        self.box = box
        self.keys = sorted(box.keys())
        self.marked: set[str] = set()

    def letters(self) -> list[tuple[int, str]]:
        """Return the letters that are not marked, by number."""
        return [(number, key) for number, key in enumerate(self.keys, 1) if key not in self.marked]

    def key(self, argument: str) -> str:
        """Return the letter with a number."""
        found = dict(self.letters()).get(int(argument) if argument.isascii() and argument.isdigit() else 0)
        if found is None:
            raise Wrong("no such message")
        return found

    def size(self, key: str) -> int:
        return len(bytes(self.box.get_message(key)))

    def finish(self) -> None:
        for key in self.marked:
            self.box.discard(key)


class Pop3Session:
    """One connection. ``open_box`` returns the Maildir of an address, or raises KeyError."""

    def __init__(self, open_box: Callable[[str], Maildir], master: str, secret: str) -> None:
        self.open_box = open_box
        self.master, self.secret = master, secret
        self.drop: Drop | None = None

    async def run(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve until QUIT, or until the client has gone or sleeps."""
        writer.write(b"+OK the demo's mail system\r\n")
        try:
            async with asyncio.timeout(None) as patience:
                while True:
                    patience.reschedule(asyncio.get_running_loop().time() + PATIENCE)
                    line = await reader.readuntil(b"\r\n")
                    writer.write(await self.answer(line.decode("utf-8", "replace").strip(), reader, writer))
                    await writer.drain()
                    if line[:4].upper() == b"QUIT":
                        break
        except (TimeoutError, ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()

    async def answer(self, line: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        verb, _, argument = line.partition(" ")
        verb = verb.upper()
        try:
            if verb == "AUTH" and self.drop is None:
                return await self.auth(argument, reader, writer)
            if verb in ("CAPA", "QUIT"):
                return self.capa() if verb == "CAPA" else self.quit()
            if self.drop is None or verb not in COMMANDS:
                raise Wrong("not now" if verb in COMMANDS else "no such command")
            return COMMANDS[verb](self.drop, argument)
        except (Wrong, KeyError, OSError) as wrong:
            return f"-ERR {wrong}\r\n".encode()

    async def auth(self, argument: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        mechanism, _, response = argument.partition(" ")
        if mechanism.upper() != "PLAIN":
            raise Wrong("PLAIN alone")
        if not response:
            writer.write(b"+ \r\n")
            response = (await reader.readuntil(b"\r\n")).decode("ascii", "replace").strip()
        try:
            address, name, secret = base64.b64decode(response, validate=True).decode().split("\0")
        except (binascii.Error, ValueError):
            raise Wrong("[AUTH] malformed") from None
        if name != self.master or not hmac.compare_digest(secret.encode(), self.secret.encode()):
            raise Wrong("[AUTH] no")
        self.drop = Drop(self.open_box(address))
        return b"+OK in\r\n"

    def capa(self) -> bytes:
        return b"+OK\r\n" + "".join(f"{each}\r\n" for each in CAPABILITIES).encode() + b".\r\n"

    def quit(self) -> bytes:
        if self.drop is not None:
            self.drop.finish()
        return b"+OK bye\r\n"


def stat(drop: Drop, _: str) -> bytes:
    sizes = [drop.size(key) for _, key in drop.letters()]
    return f"+OK {len(sizes)} {sum(sizes)}\r\n".encode()


def listing(drop: Drop, argument: str, told: Callable[[str], object]) -> bytes:
    """Tell something of one letter, or of each."""
    if argument:
        return f"+OK {argument} {told(drop.key(argument))}\r\n".encode()
    return b"+OK\r\n" + "".join(f"{number} {told(key)}\r\n" for number, key in drop.letters()).encode() + b".\r\n"


def retr(drop: Drop, argument: str, lines: int | None = None) -> bytes:
    """Return a letter with its dots stuffed; ``lines`` of its body, or all."""
    head, gap, body = bytes(drop.box.get_message(drop.key(argument))).partition(b"\r\n\r\n")
    shown = body if lines is None else b"".join(body.splitlines(keepends=True)[:lines])
    text = head + gap + shown
    stuffed = (b"\r\n" + text).replace(b"\r\n.", b"\r\n..")[2:]
    return b"+OK\r\n" + stuffed + (b"" if stuffed.endswith(b"\r\n") else b"\r\n") + b".\r\n"


def top(drop: Drop, argument: str) -> bytes:
    number, _, lines = argument.partition(" ")
    if not (lines.isascii() and lines.isdigit()):
        raise Wrong("TOP takes a message and a number of lines")
    return retr(drop, number, int(lines))


def dele(drop: Drop, argument: str) -> bytes:
    drop.marked.add(drop.key(argument))
    return b"+OK\r\n"


def rset(drop: Drop, _: str) -> bytes:
    drop.marked.clear()
    return b"+OK\r\n"


COMMANDS: dict[str, Callable[[Drop, str], bytes]] = {
    "STAT": stat,
    "LIST": lambda drop, argument: listing(drop, argument, drop.size),
    "UIDL": lambda drop, argument: listing(drop, argument, lambda key: key),
    "RETR": retr,
    "TOP": top,
    "DELE": dele,
    "RSET": rset,
    "NOOP": lambda drop, argument: b"+OK\r\n",
}


def pop3(
    open_box: Callable[[str], Maildir], master: str, secret: str
) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    """Return what serves a connection."""
    return lambda reader, writer: Pop3Session(open_box, master, secret).run(reader, writer)
