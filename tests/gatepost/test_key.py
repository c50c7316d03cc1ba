"""``gatepost key export``: the files that Dovecot reads our keys from follow the keys."""

import asyncio
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from joserfc import jwt
from joserfc.jwk import ECKey

from gatepost.__main__ import main
from gatepost.household.configuration import load
from gatepost.household.identity import open_identity
from gatepost.household.init import write_configuration


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return write_configuration(tmp_path / "site", "Mail", "https://id.example.com", ["example.com"])


def test_the_file_verifies_a_minted_login_and_follows_a_rotation(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "keys"

    def exported() -> list[Path]:
        assert main(["--config", str(config), "key", "export", str(folder)]) == 0
        return [Path(line) for line in capsys.readouterr().out.splitlines()]

    async def minted(rotate: bool) -> str:
        identity = open_identity(load(config))
        await identity.load()
        if rotate:
            await identity.keys.rotate("mint")
        token = identity.keys.sign({"email": "alice@example.com"}, use="mint")
        await identity.close()
        return token

    before = exported()
    assert [path.parent for path in before] == [folder / "default" / "ES256"]
    token = asyncio.run(minted(rotate=True))
    after = exported()
    assert len(after) == 2  # the one of before verifies still, for what it signed
    assert before[0] in after
    [new] = set(after) - set(before)
    assert load_pem_public_key(new.read_bytes())
    claims = jwt.decode(token, ECKey.import_key(new.read_bytes()), algorithms=["ES256"]).claims
    assert claims == {"email": "alice@example.com"}

    (folder / "default" / "ES256" / "stranger").write_text("a key of somebody else")
    assert exported() == after
    assert not (folder / "default" / "ES256" / "stranger").exists()
