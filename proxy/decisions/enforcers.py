"""Who may ask for decisions: enforcers, known by where they stand and by the secret or certificate that they show.

Of a secret only a keyed hash is kept. An enforcer whose files cannot be used is nobody.
"""

import hmac
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from kernel.chance import Chance
from kernel.config.settings import Enforcer
from proxy.whereabouts import Networks, networks, within

SHORTEST_SECRET, LONGEST_SECRET = 16, 1024
LARGEST_CERTIFICATE = 64 * 1024
MOST_PEERS = 10_000
"""How many addresses a process remembers to stand in an enforcer's networks or not."""

Read = Callable[[Path], bytes]


@dataclass(frozen=True, slots=True)
class Known:
    """An enforcer as it is recognised: ``secret`` and ``certificate`` are digests, empty where none is asked for."""

    enforcer: Enforcer
    networks: Networks
    secret: bytes = b""
    certificate: bytes = b""


class Enforcers:
    """Every enforcer of this installation. ``faults`` tells, for the operator, which ones are nobody and why."""

    def __init__(self, configured: Sequence[Enforcer], chance: Chance, read: Read = Path.read_bytes) -> None:
        self._key = chance.octets(32)
        self._read = read
        self.faults: list[str] = []
        self._known: list[Known] = []
        self._by_secret: dict[bytes, Known] = {}
        self._by_certificate: dict[bytes, Known] = {}
        self._near: dict[tuple[str, str], bool] = {}
        for enforcer in configured:
            self._add(enforcer)

    def who(self, peer: str, secrets: Sequence[bytes], certificate: bytes) -> Known | None:
        """Return the enforcer that stands at ``peer`` and shows exactly one secret, or ``certificate`` (DER, its key
        proven by TLS), or both, as its configuration asks; None for everybody else."""
        shown = self._digest(certificate) if certificate else b""
        known = self._by_secret.get(self._digest(secrets[0])) if len(secrets) == 1 else None
        if known is None:
            known = self._by_certificate.get(shown) if shown else None
        if known is None or not hmac.compare_digest(known.certificate, shown if known.certificate else b""):
            return None
        return known if self._stands_near(known, peer) else None

    def _add(self, enforcer: Enforcer) -> None:
        try:
            known = Known(enforcer, networks(enforcer.networks), self._secret(enforcer), self._certificate(enforcer))
            book, digest = self._place(known)
        except (OSError, ValueError) as fault:
            self.faults.append(f"enforcer `{enforcer.name}` is not believed: {fault}")
            return
        if digest in book:
            other = book[digest].enforcer.name
            self.faults.append(f"enforcer `{enforcer.name}` is not believed: it shows the same as `{other}`")
            return
        book[digest] = known

    def _place(self, known: Known) -> tuple[dict[bytes, Known], bytes]:
        if known.secret:
            return self._by_secret, known.secret
        if known.certificate:
            return self._by_certificate, known.certificate
        raise ValueError("it has neither secret nor certificate")

    def _secret(self, enforcer: Enforcer) -> bytes:
        if enforcer.secret_file is None:
            return b""
        secret = self._read(enforcer.secret_file).strip(b"\r\n")
        if not SHORTEST_SECRET <= len(secret) <= LONGEST_SECRET or not all(0x20 < octet < 0x7F for octet in secret):
            raise ValueError(f"its secret must be {SHORTEST_SECRET} to {LONGEST_SECRET} visible ASCII characters")
        return self._digest(secret)

    def _certificate(self, enforcer: Enforcer) -> bytes:
        if enforcer.certificate is None:
            return b""
        pem = self._read(enforcer.certificate)[:LARGEST_CERTIFICATE]
        return self._digest(x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER))

    def _digest(self, shown: bytes) -> bytes:
        # Looking a keyed digest up tells whoever measures it nothing about the secret.
        return blake2b(shown, digest_size=32, key=self._key).digest()

    def _stands_near(self, known: Known, peer: str) -> bool:
        near = self._near.get((known.enforcer.name, peer))
        if near is None:
            if len(self._near) >= MOST_PEERS:
                self._near.clear()
            near = self._near[known.enforcer.name, peer] = within(peer, known.networks)
        return near


def certificates(configured: Sequence[Enforcer]) -> Iterator[Path]:
    """Yield the files of certificates that enforcers may show, those that are there."""
    for enforcer in configured:
        if enforcer.certificate is not None and enforcer.certificate.exists():
            yield enforcer.certificate
