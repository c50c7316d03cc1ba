"""The vault: what it seals opens only here and only for its context; its file is private."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.vault import Tampered, Vault
from kernel.problems import Conflict, Missing, Refused

VAULT = Vault(bytes(range(32)))


@given(st.text(), st.text())
def test_what_was_sealed_opens_for_its_context(text: str, context: str) -> None:
    sealed = VAULT.seal(text, context)
    assert sealed.isascii()
    assert VAULT.open(sealed, context) == text


def test_sealing_twice_gives_two_texts() -> None:
    assert VAULT.seal("seed", "totp:u_1") != VAULT.seal("seed", "totp:u_1")


def test_another_context_key_or_bit_does_not_open() -> None:
    sealed = VAULT.seal("seed", "totp:u_1")
    flipped = sealed[:-3] + ("A" if sealed[-3] != "A" else "B") + sealed[-2:]
    with pytest.raises(Tampered):
        VAULT.open(sealed, "totp:u_2")
    with pytest.raises(Tampered):
        Vault(bytes(32)).open(sealed, "totp:u_1")
    for broken in (flipped, sealed[:10], "", "v1.", "v1.!!!!", "v0." + sealed[3:]):
        with pytest.raises(Tampered):
            VAULT.open(broken, "totp:u_1")


def test_digests_are_keyed_and_kept_apart_by_purpose() -> None:
    assert VAULT.digest("a", "secret") == VAULT.digest("a", "secret")
    assert len({VAULT.digest("a", "s"), VAULT.digest("b", "s"), Vault(bytes(32)).digest("a", "s")}) == 3
    assert VAULT.derive("a") != VAULT.derive("b")
    assert len(VAULT.derive("a")) == 32


def test_the_key_file_is_private_and_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "vault.key"
    made = Vault.create(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert Vault.load(path).open(made.seal("x", "c"), "c") == "x"
    with pytest.raises(Conflict):
        Vault.create(path)
    path.chmod(0o604)
    with pytest.raises(Refused, match="chmod 600"):
        Vault.load(path)


def test_a_missing_or_broken_key_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Missing):
        Vault.load(tmp_path / "vault.key")
    path = tmp_path / "broken"
    path.write_text("short")
    os.chmod(path, 0o600)
    with pytest.raises(Refused, match="does not hold"):
        Vault.load(path)
    with pytest.raises(Refused):
        Vault(b"short")


def test_the_key_shows_nowhere() -> None:
    assert repr(VAULT) == "Vault()"
    assert not hasattr(VAULT, "__dict__")
