"""SCRAM-SHA-256 by app passwords: each side proves itself, strangers learn nothing, older ones cannot."""

import pytest

from kernel.authority import Attempt, NotVerified, Verified
from kernel.reasons import Reason
from kernel.records.credentials import AppPassword
from kernel.records.devices import Proof
from proxy.gateways.scram import ScramExchange, server_final
from proxy.relays.gate import Ask
from tests.idp.authority.site import HOME, House, house
from tests.servers.scram_client import ScramClient


@pytest.fixture
async def home(tmp_path):  # type: ignore[no-untyped-def]
    async with house(tmp_path) as home:
        yield home


async def prove(home: House, name: str, secret: str, service: str = "imap") -> tuple[Verified | NotVerified, bool]:
    """Play an exchange; return idp's answer, and whether the client trusts the server then."""
    client, server = ScramClient(name, secret), ScramExchange(await home.answers.scram(), "s" * 24)
    challenge = server.take(client.first)
    assert isinstance(challenge, bytes)
    ask = server.take(client.final(challenge))
    assert isinstance(ask, Ask)
    answer = await home.answers.verify(Attempt(service, HOME, name=ask.name, proof=ask.proof, said=ask.said))
    return answer, isinstance(answer, Verified) and client.trusts(server_final(answer.signature))


@pytest.mark.parametrize("name", ["anna", "ANNA@example.com"])
async def test_a_right_proof_names_its_device_and_is_answered_by_ours(home: House, name: str) -> None:
    await home.app_password("imap")
    ap, secret = await home.app_password("imap")
    for typed in (secret, secret.replace("-", "")):
        answer, trusted = await prove(home, name, typed)
        assert isinstance(answer, Verified) and trusted
        assert (answer.subject.key.credential_id, answer.subject.key.proof) == (ap, Proof.APP_PASSWORD)
        assert answer.good_until == 0.0  # no proof comes twice: nothing to remember
        assert "signature" not in repr(answer)


@pytest.mark.parametrize(("name", "secret"), [("anna", "wrong"), ("ben", ""), ("nobody", ""), ("", "x")])
async def test_a_wrong_one_and_an_unknown_one_are_the_same(home: House, name: str, secret: str) -> None:
    _, right = await home.app_password("imap")
    answer = await home.answers.verify(Attempt("imap", HOME, name=name, proof=b"\1" * 32, said=b"n=x"))
    assert answer == NotVerified(Reason.CREDENTIALS)
    if name:
        answer, trusted = await prove(home, name, secret or right)
        assert answer == NotVerified(Reason.CREDENTIALS) and not trusted


async def test_revoked_older_or_for_another_service(home: House) -> None:
    ap, secret = await home.app_password("imap")
    answer, _ = await prove(home, "anna", secret, "pop3")
    assert isinstance(answer, Verified) and answer.denied is Reason.WRONG_SERVICE
    held = await home.get(AppPassword, ap)
    assert held is not None and secret not in held.verifiers
    await home.update(held, verifiers="")
    assert await prove(home, "anna", secret) == (NotVerified(Reason.CREDENTIALS), False)
    assert isinstance(await home.answers.verify(Attempt("imap", HOME, name="anna", password=secret)), Verified)
    await home.put(held)
    await home.accounts.revoke_app_password("user:anna", ap)
    assert await prove(home, "anna", secret) == (NotVerified(Reason.CREDENTIALS), False)


async def test_its_terms_are_the_sites_and_stay(home: House) -> None:
    first, second = await home.answers.scram(), await home.answers.scram()
    assert first == second and len(first.salt) == 16 and first.iterations == 4096


async def test_a_proof_beside_a_password_is_ambiguous(home: House) -> None:
    _, secret = await home.app_password("imap")
    answer = await home.answers.verify(Attempt("imap", HOME, name="anna", password=secret, proof=b"x" * 32, said=b"y"))
    assert answer == NotVerified(Reason.CREDENTIALS)
