"""Randomness as a dependency: identifiers and secrets are drawn from a Chance, so that tests can repeat them."""

import base64
import hashlib
import os
from dataclasses import dataclass
from typing import Protocol

IDENTIFIER_LENGTH = 16
LETTERS = b"abcdefghijklmnopqrstuvwxyz234567" * 8
"""The letter that each octet stands for: every one as often as any other."""
SECRET_BYTES = 32
REFERENCE_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
REFERENCE_LENGTH = 8


class Chance(Protocol):
    """A source of unpredictable bytes."""

    def octets(self, count: int) -> bytes:
        """Return ``count`` bytes that nobody can foresee."""
        ...


class SystemChance:
    """The operating system's generator."""

    octets = staticmethod(os.urandom)


@dataclass
class SeededChance:
    """A repeatable source for tests; never use it where a secret matters."""

    seed: bytes = b"gatepost"
    drawn: int = 0

    def octets(self, count: int) -> bytes:
        self.drawn += 1
        return hashlib.shake_256(self.seed + self.drawn.to_bytes(8, "big")).digest(count)


def identifier(chance: Chance, prefix: str) -> str:
    """Return ``prefix_`` and 16 lower-case base32 characters (80 bits): the name of a new record."""
    return f"{prefix}_{chance.octets(IDENTIFIER_LENGTH).translate(LETTERS).decode()}"


def secret(chance: Chance, octets: int = SECRET_BYTES) -> str:
    """Return ``octets`` random bytes as unpadded base64url text."""
    return base64.urlsafe_b64encode(chance.octets(octets)).rstrip(b"=").decode()


def reference(chance: Chance) -> str:
    """Return a new short code for a refused person to read out: 8 letters that nobody mistakes for one another."""
    return "".join(REFERENCE_LETTERS[octet & 31] for octet in chance.octets(REFERENCE_LENGTH))
