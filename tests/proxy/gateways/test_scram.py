"""SCRAM-SHA-256: the RFC's own exchange, what is no exchange, and its way through every protocol."""

import base64
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.accounts import scram as keys
from kernel.authority import ScramTerms
from kernel.reasons import Reason
from proxy.gateways.imap.gate import ImapGate
from proxy.gateways.pop3.gate import Pop3Gate
from proxy.gateways.proving import Fault, Proving
from proxy.gateways.scram import Malformed, ScramDesk, ScramExchange, server_final
from proxy.gateways.settings import GateSettings
from proxy.gateways.sieve.gate import SieveGate
from proxy.gateways.submission.gate import SubmissionGate
from proxy.relays.gate import Ask, Gate, Open
from tests.proxy.gateways.transcript import ISSUER, Play, admitted, refused, settings
from tests.servers.scram_client import ScramClient

SALT = base64.b64decode("W22ZaJ0SNY7soEsUEjb6gQ==")
TERMS = ScramTerms(SALT, 4096)
NONCE = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
FIRST = b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO"
CHALLENGE = b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
FINAL = (
    b"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
)
LAST = b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="


def exchange() -> ScramExchange:
    return ScramExchange(TERMS, NONCE)


def challenged() -> ScramExchange:
    begun = exchange()
    assert begun.take(FIRST) == CHALLENGE
    return begun


def test_the_exchange_of_rfc_7677() -> None:
    ask = challenged().take(FINAL)
    assert isinstance(ask, Ask) and ask.name == "user" and not ask.password
    signature = keys.signature(keys.verifier("pencil", SALT), ask.proof, ask.said)
    assert signature is not None and server_final(signature) == LAST
    assert keys.signature(keys.verifier("pencils", SALT), ask.proof, ask.said) is None
    assert keys.signature(keys.verifier("pencil", SALT), ask.proof, ask.said + b" ") is None
    assert keys.signature(keys.verifier("pencil", SALT), ask.proof[:31], ask.said) is None
    assert "dHzb" not in repr(ask)


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"n",
        b"n,,",
        b"n,,n=user",
        b"n,,n=,r=rOprNGfwEbeRWgbNEkqO",
        b"n,,n=user,r=short",
        b"n,,n=user,r=with space in it",
        b"n,,n=user,r=" + b"x" * 257,
        b"n,,n=us\0er,r=rOprNGfwEbeRWgbNEkqO",
        b"n,,n=us\xffer,r=rOprNGfwEbeRWgbNEkqO",
        b"n,,n=us=er,r=rOprNGfwEbeRWgbNEkqO",
        b"n,,n=us=2cer,r=rOprNGfwEbeRWgbNEkqO",
        b"n,,n=us\ner,r=rOprNGfwEbeRWgbNEkqO",
        b"n,,m=must,n=user,r=rOprNGfwEbeRWgbNEkqO",
        b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO,m=must",
        b"n,,r=rOprNGfwEbeRWgbNEkqO,n=user",
        b"n,a=other,n=user,r=rOprNGfwEbeRWgbNEkqO",
        b"n,b=user,n=user,r=rOprNGfwEbeRWgbNEkqO",
        b"p=tls-unique,,n=user,r=rOprNGfwEbeRWgbNEkqO",
        b"p=tls-exporter,,n=user,r=rOprNGfwEbeRWgbNEkqO",
        b"p=tls-server-end-point,,n=user,r=rOprNGfwEbeRWgbNEkqO",
        b"N,,n=user,r=rOprNGfwEbeRWgbNEkqO",
        b"n,,n=" + b"u" * 400 + b",r=rOprNGfwEbeRWgbNEkqO",
        b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO,x=" + b"y" * 2048,
    ],
)
def test_what_is_no_first_message(message: bytes) -> None:
    with pytest.raises(Malformed):
        exchange().take(message)


@pytest.mark.parametrize(
    "message",
    [
        b"",
        FIRST,
        FINAL[:-1],
        FINAL + b"x",
        FINAL.replace(b"biws", b"eSws"),  # another header than the first message had
        FINAL.replace(b"biws", b"cD10bHMtdW5pcXVlLCw="),
        FINAL.replace(b"k0,p=", b"k1,p="),
        FINAL.replace(b",r=rOpr", b",r=sOpr"),
        FINAL.replace(b"hNlF$k0", b""),
        FINAL.replace(b",p=", b",m=x,p="),
        FINAL.replace(b"dHzb", b"****"),
        FINAL.replace(b"dHzb", b""),
    ],
)
def test_what_is_no_final_message(message: bytes) -> None:
    with pytest.raises(Malformed):
        challenged().take(message)


def test_names_are_unescaped_and_may_stand_twice() -> None:
    begun = exchange()
    begun.take(b"y,a=a=2Cb=3Dc,n=a=2Cb=3Dc,r=rOprNGfwEbeRWgbNEkqO,x=later")
    client = b"c=" + base64.b64encode(b"y,a=a=2Cb=3Dc,") + FINAL[FINAL.index(b",r=") :]
    ask = begun.take(client)
    assert isinstance(ask, Ask) and ask.name == "a,b=c"
    assert ask.said.startswith(b"n=a=2Cb=3Dc,r=rOprNGfwEbeRWgbNEkqO,x=later,r=rOprNGfwEbeRWgbNEkqO%hv")


@given(st.lists(st.one_of(st.binary(max_size=80), st.sampled_from([FIRST, FINAL])), max_size=3), st.data())
def test_whatever_comes_is_taken_or_malformed(messages: list[bytes], data: st.DataObject) -> None:
    begun = exchange()
    for message in messages:
        cut = data.draw(st.integers(0, len(message)))
        try:
            begun.take(message[:cut] + message[cut + 1 :] if data.draw(st.booleans()) else message)
        except Malformed:
            return


# -- in the protocols ----------------------------------------------------------------------------------------------


def b64(data: bytes) -> bytes:
    return base64.b64encode(data)


def imap(step: int, desk: ScramDesk) -> Play:
    play = Play(ImapGate(_settings(desk)), step=step)
    assert (b"AUTH=SCRAM-SHA-256 " in play.heard()) is (desk.terms is not None)
    return play.c(b"a AUTHENTICATE SCRAM-SHA-256 %b\r\n" % b64(FIRST))


def pop3(step: int, desk: ScramDesk) -> Play:
    play = Play(Pop3Gate(_settings(desk)), step=step)
    play.heard()
    return play.c(b"AUTH SCRAM-SHA-256 %b\r\n" % b64(FIRST))


def submission(step: int, desk: ScramDesk) -> Play:
    play = Play(SubmissionGate(_settings(desk)), step=step)
    assert (b" SCRAM-SHA-256 " in play.c(b"EHLO x\r\n").heard()) is (desk.terms is not None)
    return play.c(b"AUTH SCRAM-SHA-256 %b\r\n" % b64(FIRST))


def sieve(step: int, desk: ScramDesk) -> Play:
    play = Play(SieveGate(_settings(desk)), step=step)
    assert (b'"SCRAM-SHA-256 ' in play.heard()) is (desk.terms is not None)
    return play.c(b'AUTHENTICATE "SCRAM-SHA-256" "%b"\r\n' % b64(FIRST))


def _settings(desk: ScramDesk) -> GateSettings:
    plain = settings()
    return GateSettings(plain.bounds, plain.issuer, plain.name, scram=desk)


Begin = Callable[[int, ScramDesk], Play]
PLAIN = (b"%b\r\n", b"+ %b\r\n")
WAYS: dict[str, tuple[Begin, bytes, bytes]] = {
    "imap": (imap, *PLAIN),
    "pop3": (pop3, *PLAIN),
    "submission": (submission, b"%b\r\n", b"334 %b\r\n"),
    "sieve": (sieve, b'"%b"\r\n', b'"%b"\r\n'),
}


@pytest.mark.parametrize("step", [0, 1])
@pytest.mark.parametrize("way", WAYS)
def test_each_proves_itself_to_the_other_in_every_protocol(way: str, step: int) -> None:
    begin, said, asked = WAYS[way]
    play = begin(step, ScramDesk(lambda: NONCE, TERMS)).s(asked % b64(CHALLENGE))
    play.c(said % b64(FINAL))
    ask = play.asked()
    assert ask.name == "user" and len(ask.proof) == 32 and ask.said
    admission = admitted(service=way)
    good = type(admission)(**{**_fields(admission), "signature": base64.b64decode(LAST[2:])})
    play.judged(good).s(asked % b64(LAST))
    assert not any(isinstance(order, Open) for order in play.orders)
    play.c(said % b"")
    assert isinstance(play.orders[-1], Open)


@pytest.mark.parametrize("way", WAYS)
def test_a_wrong_proof_is_a_wrong_password_and_the_next_try_is_as_good(way: str) -> None:
    begin, said, asked = WAYS[way]
    play = begin(0, ScramDesk(lambda: NONCE, TERMS)).s(asked % b64(CHALLENGE)).c(said % b64(FINAL))
    play.asked()
    heard = play.judged(refused(Reason.CREDENTIALS)).heard()
    assert b"User name or password is wrong." in heard and play.ended is None


@pytest.mark.parametrize("way", WAYS)
def test_until_its_terms_are_known_it_is_neither_offered_nor_taken(way: str) -> None:
    play = WAYS[way][0](0, ScramDesk(lambda: NONCE))
    assert b"No such mechanism here" in play.heard()


def test_who_does_not_confirm_is_not_let_in() -> None:
    for answer in (b"*", b"dj0=", b"x"):
        proving = Proving(ISSUER, scram=ScramDesk(lambda: NONCE, TERMS))
        proving.begin(b"scram-sha-256", b64(FIRST))
        assert isinstance(proving.take(b64(FINAL)), Ask)
        proving.judged(admitted())
        assert proving.take(answer) is Fault.CANCELLED
        assert proving.take(b"") is not admitted()


def test_our_own_client_agrees_with_our_own_verifier() -> None:
    client = ScramClient("anna", "abcd-efgh")
    begun = ScramExchange(TERMS, NONCE)
    challenge = begun.take(client.first)
    assert isinstance(challenge, bytes)
    ask = begun.take(client.final(challenge))
    assert isinstance(ask, Ask)
    signature = keys.signature(keys.verifier("abcd-efgh", SALT), ask.proof, ask.said)
    assert signature is not None and client.trusts(server_final(signature))


def _fields(admission: object) -> dict[str, object]:
    return {name: getattr(admission, name) for name in admission.__struct_fields__}  # type: ignore[attr-defined]


_: type[Gate] = ImapGate
