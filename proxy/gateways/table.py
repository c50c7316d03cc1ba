"""The mail protocols that the door speaks, one record each. Adding a protocol is adding a gate and a line. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from proxy.gateways.imap.gate import ImapGate
from proxy.gateways.pop3.gate import Pop3Gate
from proxy.gateways.settings import GateSettings
from proxy.gateways.sieve.gate import SieveGate
from proxy.gateways.submission.gate import SubmissionGate
from proxy.relays.gate import Gate


@dataclass(frozen=True, slots=True)
class Gateway:
    """One protocol: ``alpn`` names it in a handshake, ``gate`` makes a session's gate. Its place in a backend has its
    name, see ``kernel.config.backends``."""

    service: str
    alpn: tuple[str, ...]
    gate: Callable[[GateSettings], Gate]


GATEWAYS: Mapping[str, Gateway] = {
    "imap": Gateway("imap", ("imap",), ImapGate),
    "pop3": Gateway("pop3", ("pop3",), Pop3Gate),
    "submission": Gateway("submission", ("smtp", "submission"), SubmissionGate),
    "sieve": Gateway("sieve", ("managesieve",), SieveGate),
}
