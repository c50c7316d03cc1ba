"""Argon2id (RFC 9106) for account passwords, in a few threads of its own.

Owns the bound on how many verifications run and wait, so that a flood of guesses costs neither the event loop nor
the machine's memory. Somebody who does not exist costs exactly what somebody who does costs.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type, hash_secret, verify_secret

from kernel.chance import Chance
from kernel.config.settings import IdpSettings
from kernel.problems import Unavailable

THREADS: Final = 2
MOST_WAITING: Final = 64
_SALT_BYTES: Final = 16
_HASH_BYTES: Final = 32
T = TypeVar("T")


class Hashing:
    """Hashes and verifies passwords given as bytes."""

    def __init__(self, settings: IdpSettings, chance: Chance) -> None:
        self._memory, self._passes = settings.argon2_memory_kib, settings.argon2_passes
        self._parallel, self._chance = settings.argon2_parallel, chance
        self._gauge = PasswordHasher(self._passes, self._memory, self._parallel, _HASH_BYTES, _SALT_BYTES)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="argon2")
        self._waiting = 0
        self._nobody = self._hash(chance.octets(_HASH_BYTES))

    async def encode(self, password: bytes) -> str:
        """Return the encoded hash to store, with a new salt.

        Raises:
            Unavailable: too many are waiting already.
        """
        return await self._run(lambda: self._hash(password))

    async def matches(self, encoded: str | None, password: bytes) -> bool:
        """Return whether the password is the one behind ``encoded``; None (nobody's) does the same work and is False.

        Raises:
            Unavailable: too many are waiting already.
        """
        good = await self._run(lambda: _verify(encoded or self._nobody, password))
        return good and encoded is not None

    def outdated(self, encoded: str) -> bool:
        """Return whether the hash was made with other costs than today's."""
        return self._gauge.check_needs_rehash(encoded)

    def close(self) -> None:
        """Let the threads go."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _hash(self, password: bytes) -> str:
        salt = self._chance.octets(_SALT_BYTES)
        return hash_secret(password, salt, self._passes, self._memory, self._parallel, _HASH_BYTES, Type.ID).decode()

    async def _run(self, work: Callable[[], T]) -> T:
        if self._waiting >= MOST_WAITING:
            raise Unavailable("too many passwords are being checked at once")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1


def _verify(encoded: str, password: bytes) -> bool:
    try:
        return verify_secret(encoded.encode("ascii"), password, Type.ID)
    except (VerificationError, InvalidHashError):
        return False
