"""The public keys of one source: from a file, or its JWKS address; fetched again when a key is unknown, but seldom, so
that no storm of unknown names becomes a storm of requests. Refuses private and symmetric keys."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Protocol

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from idp.oidc.posting import NotSent, Reply
from idp.signals.sets import PublicKey, fits
from kernel.clock import Clock
from kernel.config.signals import Algorithm, SignalSource

SELDOM: Final = 60.0
"""Seconds between two looks for a key that was unknown."""
OFTEN: Final = 3600.0
"""Seconds after which the keys are looked up again: one that was withdrawn must not count for ever."""
MOST_OCTETS: Final = 65536
MOST_KEYS: Final = 32


class Exchange(Protocol):
    """One bounded request (``idp.oidc.posting.Poster``)."""

    def exchange(
        self, method: str, uri: str, body: str | None, headers: Mapping[str, str], most: int = 0, patience: float = 0.0
    ) -> Reply:
        """Return the answer; raises NotSent."""
        ...


class TrustedKeys:
    """Keys by ``kid``."""

    def __init__(self, source: SignalSource, poster: Exchange, clock: Clock) -> None:
        self._source, self._poster, self._clock = source, poster, clock
        self._keys: dict[str, PublicKey] = {}
        self._looked = float("-inf")
        self._lock = asyncio.Lock()

    async def keys(self, wanted: str) -> Mapping[str, PublicKey]:
        """Return what is known, after another look when ``wanted`` is not among it and the last look is a while ago.
        What cannot be looked up leaves the keys as they were, for an hour; then there are none."""
        async with self._lock:
            age = self._clock.monotonic() - self._looked
            missing = wanted not in self._keys if wanted else not self._keys
            if age >= OFTEN or (missing and age >= SELDOM):
                await self._look(age >= 2 * OFTEN)
        return self._keys

    async def _look(self, forget: bool) -> None:
        self._looked = self._clock.monotonic()
        try:
            self._keys = public_keys(await asyncio.to_thread(self._text), self._source.algorithm)
        except (NotSent, OSError, ValueError):
            self._keys = {} if forget else self._keys

    def _text(self) -> bytes:
        if self._source.jwks_file is not None:
            return _file(self._source.jwks_file)
        reply = self._poster.exchange("GET", self._source.jwks_uri, None, {"Accept": "application/json"}, MOST_OCTETS)
        if reply.status != 200:
            raise NotSent(f"answered {reply.status}")
        return reply.body


def public_keys(text: bytes, algorithm: Algorithm) -> dict[str, PublicKey]:
    """Return the keys of a JWK set that verify ``algorithm``, by ``kid`` (RFC 7517); ValueError when it is none."""
    try:
        said = json.loads(text)
    except RecursionError as fault:
        raise ValueError("not a JWK set") from fault
    listed = said.get("keys") if isinstance(said, dict) else None
    if not isinstance(listed, list) or len(listed) > MOST_KEYS:
        raise ValueError("not a JWK set")
    read = ((str(each.get("kid", "")), _key(each)) for each in listed if isinstance(each, dict))
    return {kid: key for kid, key in read if key is not None and fits(key, algorithm)}


def _key(jwk: dict[str, Any]) -> PublicKey | None:
    if "d" in jwk or jwk.get("use", "sig") != "sig":
        return None
    try:
        match jwk.get("kty"):
            case "EC":
                return ECKey.import_key(jwk)
            case "RSA":
                return RSAKey.import_key(jwk)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return None


def _file(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MOST_OCTETS)
