"""Asks the server by what its mailboxes' names are divided into levels (RFC 9051, section 6.3.9). Pure."""

from proxy.gateways.imap.inspection.errands import Errand
from proxy.gateways.imap.inspection.mailboxes import Mailboxes
from proxy.gateways.imap.inspection.values import Malformed, values


class Dividing(Errand):
    """Teaches ``mailboxes`` their delimiter, before the client says anything that names one."""

    __slots__ = ("_mailboxes",)
    word = b"LIST"

    def __init__(self, mailboxes: Mailboxes) -> None:
        super().__init__(by_uid=False)
        self._mailboxes = mailboxes

    def begin(self) -> None:
        self._ask(b'LIST "" ""', self._ended)

    def _ended(self, _: bool) -> None:
        self.over = True

    def _response(self, raw: bytes) -> None:
        try:
            _, delimiter, name = values(raw, len(b"* LIST "))[:3]
        except (Malformed, ValueError):
            return
        if delimiter is None:
            self._mailboxes.divided("")
        elif isinstance(delimiter, bytes) and len(delimiter) == 1 and delimiter.isascii() and name == b"":
            self._mailboxes.divided(delimiter.decode())
