"""The provider's signing keys: made on first use, kept sealed, rotated with an overlap, published as JWK sets.

Verifying here means one named key and its one algorithm, never what a token's header proposes: headers that carry
anything but ``alg``, ``kid`` and ``typ`` are refused (no ``crit``, ``jwk``, ``jku``, ``x5u``, ``b64``), and so is all
but three parts.
"""

import asyncio
import base64
import binascii
import dataclasses
import json
from collections.abc import Callable, Mapping
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from idp.oidc.seams import Vault
from kernel.chance import Chance
from kernel.clock import Clock
from kernel.ports import Reader, Store, Writer
from kernel.records.oidc import SigningKey

USES: Mapping[str, tuple[str, ...]] = {"oidc": ("ES256", "RS256"), "mint": ("ES256",), "identity": ("ES256",)}
"""The algorithms that each family of keys always has: tokens for clients, upstream logins, identities for routes."""

OVERLAP = 2 * 86400.0
"""Seconds that a retired key still verifies and is still published; longer than any signed token of ours lives."""

RSA_BITS = 2048
LONGEST = 8192
"""Characters of the longest token that is looked at."""

PrivateKey = ECKey | RSAKey


class Keys:
    """Signs and verifies with the keys of the store; ``load`` must have run once."""

    def __init__(self, store: Store, vault: Vault, clock: Clock, chance: Chance) -> None:
        self._store, self._vault, self._clock, self._chance = store, vault, clock, chance
        self._records: dict[str, SigningKey] = {}
        self._open: dict[str, PrivateKey] = {}
        self._current: dict[tuple[str, str], str] = {}

    async def load(self) -> None:
        """Read all keys, making those that are missing. Called again, it picks up what another process rotated."""
        self._take_up(await self._store.read(_stored))
        missing = [(use, alg) for use, algs in USES.items() for alg in algs if (use, alg) not in self._current]
        if not missing:
            return
        made = [await asyncio.to_thread(self._generate, use, alg) for use, alg in missing]
        await self._store.write(_adding(made))
        self._take_up(await self._store.read(_stored))

    async def rotate(self, use: str = "oidc") -> None:
        """Make new keys for ``use``; the old ones sign no more, but verify for ``OVERLAP`` seconds."""
        made = [await asyncio.to_thread(self._generate, use, alg) for alg in USES[use]]
        now = self._clock.now()

        def work(tx: Writer) -> None:
            for old in tx.find(SigningKey, use=use):
                if not old.retired_at:
                    tx.put(dataclasses.replace(old, retired_at=now))
                elif old.retired_at + OVERLAP <= now:
                    tx.take(SigningKey, old.kid)
            for new in made:
                tx.insert(new)

        await self._store.write(work)
        self._take_up(await self._store.read(_stored))

    def sign(self, claims: Mapping[str, Any], *, use: str = "oidc", alg: str = "ES256", typ: str = "JWT") -> str:
        """Return ``claims`` as a signed JWS (compact), with ``kid``, by the current key of this use and algorithm.

        Raises:
            LookupError: no such use or algorithm.
        """
        kid = self._current[use, alg]
        payload = json.dumps(claims, separators=(",", ":"), ensure_ascii=False)
        return jws.serialize_compact({"alg": alg, "kid": kid, "typ": typ}, payload, self._open[kid], [alg])

    def verify(self, token: str, *, use: str = "oidc", typ: str = "JWT", alg: str = "") -> dict[str, Any] | None:
        """Return the claims of a token that one of our own keys signed, else None.

        Times, issuer and audience are the caller's to judge. ``alg`` narrows to one algorithm; ``typ`` must match
        exactly, so that no kind of token passes for another.
        """
        record = self._signer(token, use, typ)
        if record is None or (alg and record.alg != alg):
            return None
        try:
            signed = jws.deserialize_compact(token, self._open[record.kid], [record.alg])
            claims = json.loads(signed.payload)
        except (JoseError, ValueError, RecursionError):
            return None
        return claims if isinstance(claims, dict) else None

    def jwks(self, use: str = "oidc") -> dict[str, Any]:
        """Return the public JWK set of ``use``: current keys first, then those in their overlap (RFC 7517)."""
        valid = [key for key in self._records.values() if key.use == use and self._alive(key)]
        valid.sort(key=lambda key: (key.retired_at > 0, -key.created_at, key.alg))
        return {"keys": [json.loads(key.public) for key in valid]}

    def current(self, use: str, alg: str) -> SigningKey:
        """Return the record of the key that signs now (its public half is JWK text)."""
        return self._records[self._current[use, alg]]

    def public_pem(self, kid: str) -> str:
        """Return the public half of a key as PEM, for verifiers that read files (Dovecot)."""
        return self._open[kid].as_pem(private=False).decode()

    def _signer(self, token: str, use: str, typ: str) -> SigningKey | None:
        header = header_of(token)
        if header is None or header.keys() != {"alg", "kid", "typ"} or header["typ"] != typ:
            return None
        kid = header["kid"]
        record = self._records.get(kid) if isinstance(kid, str) else None
        if record is None or record.use != use or header["alg"] != record.alg or not self._alive(record):
            return None
        return record

    def _alive(self, record: SigningKey) -> bool:
        return not record.retired_at or self._clock.now() < record.retired_at + OVERLAP

    def _take_up(self, records: list[SigningKey]) -> None:
        for record in records:
            if record.kid not in self._open:
                self._open[record.kid] = _private_key(record.alg, self._vault.open(record.sealed, _context(record.kid)))
        self._records = {record.kid: record for record in records}
        live = sorted((r for r in records if not r.retired_at), key=lambda r: (r.created_at, r.kid))
        self._current = {(record.use, record.alg): record.kid for record in live}

    def _generate(self, use: str, alg: str) -> SigningKey:
        key = RSAKey.generate_key(RSA_BITS) if alg == "RS256" else ECKey.generate_key("P-256")
        kid = key.thumbprint()
        public = {**key.as_dict(private=False), "kid": kid, "alg": alg, "use": "sig"}
        sealed = self._vault.seal(json.dumps(key.as_dict(private=True)), _context(kid))
        return SigningKey(kid, alg, use, json.dumps(public), sealed, self._clock.now())


def header_of(token: str) -> dict[str, Any] | None:
    """Return the header of a three-part JWS, unverified, or None when it is no such thing or too long."""
    if len(token) > LONGEST or token.count(".") != 2 or not token.isascii():
        return None
    first = token.partition(".")[0]
    try:
        header = json.loads(base64.urlsafe_b64decode(first + "=" * (-len(first) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return None
    return header if isinstance(header, dict) else None


def _stored(tx: Reader) -> list[SigningKey]:
    return [key for use in USES for key in tx.find(SigningKey, use=use)]


def _adding(made: list[SigningKey]) -> Callable[[Writer], None]:
    def work(tx: Writer) -> None:
        for key in made:
            if not any(old.alg == key.alg and not old.retired_at for old in tx.find(SigningKey, use=key.use)):
                tx.insert(key)

    return work


def _private_key(alg: str, text: str) -> PrivateKey:
    return RSAKey.import_key(json.loads(text)) if alg == "RS256" else ECKey.import_key(json.loads(text))


def _context(kid: str) -> str:
    return f"signing-key:{kid}"
