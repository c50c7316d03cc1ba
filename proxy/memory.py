"""What the guard remembers of credentials that verified: by keyed hash, bounded, short-lived, dropped by changes.

The key of the hash is drawn per process and never leaves it, so the memory is no use to whoever reads it.
"""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b

from msgspec.msgpack import Encoder

from kernel.authority import Attempt, Subject, Verified
from kernel.chance import Chance
from policies.model import Policy
from proxy.admission import Verdict

CAPACITY = 50_000

encode = Encoder().encode


@dataclass(frozen=True, slots=True)
class Remembered:
    """One credential that verified, until ``until`` (seconds since 1970)."""

    verified: Verified
    until: float


class Memory:
    """Least recently used entries go first. Nothing is remembered of failures, tickets, or what idp says not to."""

    def __init__(self, chance: Chance, *, remember: float, capacity: int = CAPACITY) -> None:
        # Keyed BLAKE2: as good as HMAC here, and OpenSSL is not asked to find an algorithm each time.
        self._keyed = blake2b(digest_size=32, key=chance.octets(32))
        self._remember = remember
        self._capacity = capacity
        self._entries: OrderedDict[bytes, Remembered] = OrderedDict()
        self._by_handle: dict[str, set[bytes]] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def name(self, attempt: Attempt) -> bytes:
        """Return the keyed hash of everything that a credential is made of; the address is no part of it."""
        made_of = (
            attempt.service,
            attempt.name,
            attempt.password,
            attempt.token,
            attempt.cookie,
            attempt.ticket,
            attempt.state,
            attempt.route,
            attempt.certificate,
        )
        # Each part is told with its length, so that no two different credentials make the same octets.
        try:
            message = encode(made_of)
        except UnicodeEncodeError:  # no text that Unicode knows: octets then, which differ from every text
            message = encode([part if isinstance(part, bytes) else _octets(part) for part in made_of])
        named = self._keyed.copy()
        named.update(message)
        return named.digest()

    def get(self, name: bytes, now: float) -> Verified | None:
        """Return what verified under this name, if it is still to be believed at ``now``."""
        entry = self._entries.get(name)
        if entry is None:
            return None
        if now >= entry.until:
            self._forget(name)
            return None
        self._entries.move_to_end(name)
        return entry.verified

    def put(self, name: bytes, verified: Verified, now: float) -> None:
        """Remember until ``good_until``, and never longer than the operator's bound."""
        until = min(verified.good_until, now + self._remember)
        if until <= now:
            return
        self._forget(name)
        self._entries[name] = Remembered(verified, until)
        for handle in verified.subject.handles:
            self._by_handle.setdefault(handle, set()).add(name)
        while len(self._entries) > self._capacity:
            self._forget(next(iter(self._entries)))

    def drop(self, handles: Iterable[str]) -> None:
        """Forget whatever stands on one of these handles."""
        for handle in handles:
            for name in tuple(self._by_handle.get(handle, ())):
                self._forget(name)

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()
        self._by_handle.clear()

    def _forget(self, name: bytes) -> None:
        entry = self._entries.pop(name, None)
        if entry is None:
            return
        for handle in entry.verified.subject.handles:
            names = self._by_handle.get(handle)
            if names is not None:
                names.discard(name)
                if not names:
                    del self._by_handle[handle]


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


class Allowed:
    """Verdicts that let in, for as long as the policy says that nothing turns them: a decision depends on nothing
    but its facts, the policy and the time."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._verdicts: dict[tuple[str, str, int], tuple[Subject, Policy, float, Verdict]] = {}

    def get(self, service: str, address: str, subject: Subject, policy: Policy | None, now: float) -> Verdict | None:
        """Return what was decided for these very facts (the same object), under this very policy."""
        known = self._verdicts.get((service, address, id(subject)))
        if known is None or known[0] is not subject or known[1] is not policy or now >= known[2]:
            return None
        return known[3]

    def put(self, service: str, address: str, subject: Subject, policy: Policy, verdict: Verdict) -> Verdict:
        """Remember a verdict, and return it. The subject is kept alive, so that its identity stays its own."""
        if verdict.decision is not None:
            if len(self._verdicts) >= self._capacity:
                self._verdicts.clear()
            until = verdict.decision.valid_until
            self._verdicts[service, address, id(subject)] = (subject, policy, until, verdict)
        return verdict
