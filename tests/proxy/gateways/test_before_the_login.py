"""What every mail gate does before the login: proving, budget, turns, lines."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.config.settings import Bounds
from kernel.reasons import Reason
from proxy.gateways.budget import Budget
from proxy.gateways.lines import Bad, Reader
from proxy.gateways.proving import Fault, Proving, Refusal
from proxy.gateways.sasl import Challenge
from proxy.gateways.turns import HELD_BACK, Turns
from proxy.relays.gate import Ask, Commands, Pause, Resume, Send
from tests.proxy.gateways.transcript import ISSUER, refused

PLAIN = base64.b64encode(b"\0alice\0secret")
BEARER = base64.b64encode(b"n,,\1auth=Bearer a.b.c\1\1")


def test_a_mechanism_is_one_that_is_offered() -> None:
    proving = Proving(ISSUER)
    assert proving.begin(b"plain", PLAIN) == Ask(name="alice", password="secret")
    assert proving.begin(b"EXTERNAL", b"=") is Fault.UNKNOWN
    proving.certificate = True
    assert proving.offered[-1] == "EXTERNAL"
    assert proving.begin(b"EXTERNAL", b"=") == Ask(external=True)


def test_a_response_that_did_not_come_along_is_asked_for() -> None:
    proving = Proving(ISSUER)
    assert proving.begin(b"PLAIN", None) == Challenge(b"")
    assert proving.take(PLAIN) == Ask(name="alice", password="secret")
    assert proving.begin(b"LOGIN", None) == Challenge(b"User Name\0")
    assert proving.take(b"*") is Fault.CANCELLED
    assert proving.begin(b"PLAIN", b"%") is Fault.MALFORMED


def test_a_response_that_nobody_asked_for_is_none() -> None:
    assert Proving(ISSUER).take(PLAIN) is Fault.CANCELLED


def test_a_password_that_can_be_none_is_refused_like_a_wrong_one() -> None:
    answer = Proving(ISSUER).password(b"alice", b"")
    assert answer == Refusal(Reason.CREDENTIALS, "User name or password is wrong.")
    assert answer == Proving(ISSUER).judged(refused(Reason.CREDENTIALS))


def test_a_refused_token_is_explained_once_and_then_refused() -> None:
    proving = Proving(ISSUER)
    proving.begin(b"OAUTHBEARER", BEARER)
    told = proving.judged(refused(Reason.CREDENTIALS))
    assert isinstance(told, Challenge)
    assert json.loads(told.data)["status"] == "invalid_token"
    assert proving.take(b"AQ==") == Refusal(Reason.CREDENTIALS, "User name or password is wrong.")
    assert proving.take(b"AQ==") is Fault.MALFORMED
    proving.begin(b"OAUTHBEARER", BEARER)
    assert isinstance(proving.judged(refused(Reason.POLICY)), Refusal)


def test_a_refusal_left_unanswered_does_not_answer_the_next_attempt() -> None:
    proving = Proving(ISSUER)
    proving.begin(b"XOAUTH2", base64.b64encode(b"user=a\1auth=Bearer x\1\1"))
    assert isinstance(proving.judged(refused(Reason.CREDENTIALS)), Challenge)
    assert proving.begin(b"PLAIN", PLAIN) == Ask(name="alice", password="secret")


def test_words_are_the_persons_own_where_the_protocol_carries_them() -> None:
    said = refused(Reason.POLICY, "管理端末のみ", "https://id/r/ABCD2345")
    assert Proving(ISSUER).judged(said) == Refusal(
        Reason.POLICY, "The access policy does not allow this. https://id/r/ABCD2345"
    )
    assert Proving(ISSUER, utf8=True).judged(said) == Refusal(Reason.POLICY, "管理端末のみ https://id/r/ABCD2345")


def test_a_budget_is_spent_to_the_last() -> None:
    budget = Budget(Bounds(commands=2, errors=2))
    assert [budget.command() for _ in range(3)] == [True, True, False]
    assert [budget.error() for _ in range(2)] == [True, False]


class Echo(Turns):
    """Says every line again; ``busy`` makes it wait."""

    _reader: Reader

    def __init__(self) -> None:
        super().__init__()
        self._reader = Reader(100)
        self.busy = False

    @property
    def _serving(self) -> bool:
        return not self.busy

    def _serve(self) -> Commands | None:
        line = self._reader.next()
        return [Send(line)] if isinstance(line, bytes) else None

    def free(self) -> Commands:
        self.busy = False
        return self._go_on()


def test_what_comes_too_early_is_held_back_and_beyond_a_bound_not_read() -> None:
    echo = Echo()
    assert echo.received(b"a\r\nb") == [Send(b"a")]
    echo.busy = True
    assert echo.received(b"\r\n") == ()
    assert echo.received(b"c\r\n" * HELD_BACK) == [Pause()]
    assert echo.received(b"d\r\n") == [Pause()]
    said = list(echo.free())
    assert said[:2] == [Send(b"b"), Send(b"c")]
    assert said[-2:] == [Send(b"d"), Resume()]


@pytest.mark.parametrize("spoilt", [b"a\n", b"a\rb\r\n", b"a\0\r\n", b"\n", b"a\r\r\n"])
def test_only_cr_lf_ends_a_line(spoilt: bytes) -> None:
    reader = Reader(100)
    reader.feed(spoilt + b"next\r\n")
    assert reader.next() == Bad("lines end in CR LF")
    assert reader.next() == b"next"


@given(st.lists(st.binary(max_size=20), max_size=10).map(b"\r\n".join), st.integers(1, 9))
def test_lines_do_not_depend_on_their_pieces(data: bytes, step: int) -> None:
    whole, pieces = Reader(50), Reader(50)
    whole.feed(data)
    expected = list(iter(whole.next, None)) if len(data) < 50 else []
    found = []
    for at in range(0, len(data), step):
        pieces.feed(data[at : at + step])
        found += list(iter(pieces.next, None)) if len(data) < 50 else []
    assert found == expected
