"""The mail protocols that the door speaks, one record each. Adding a protocol is adding a gate and a line. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from kernel.config.settings import Backend, Upstream
from proxy.gateways.imap.gate import ImapGate
from proxy.gateways.pop3.gate import Pop3Gate
from proxy.gateways.settings import GateSettings
from proxy.gateways.sieve.gate import SieveGate
from proxy.gateways.submission.gate import SubmissionGate
from proxy.relays.gate import Gate


@dataclass(frozen=True, slots=True)
class Gateway:
    """One protocol: ``alpn`` names it in a handshake, ``upstream`` finds its place in a backend, ``gate`` makes a
    session's gate."""

    service: str
    alpn: tuple[str, ...]
    gate: Callable[[GateSettings], Gate]
    upstream: Callable[[Backend], Upstream | None]


GATEWAYS: Mapping[str, Gateway] = {
    "imap": Gateway("imap", ("imap",), ImapGate, lambda backend: backend.imap),
    "pop3": Gateway("pop3", ("pop3",), Pop3Gate, lambda backend: backend.pop3),
    "submission": Gateway("submission", ("smtp", "submission"), SubmissionGate, lambda backend: backend.submission),
    "sieve": Gateway("sieve", ("managesieve",), SieveGate, lambda backend: backend.sieve),
}
