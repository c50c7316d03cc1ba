"""The wire: everything comes back equal, however the stream is cut; nothing but the declared types gets through."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import fields

from kernel import wire
from kernel.audit import EVENTS, Decided, Event, Fault
from kernel.authority import Attempt, NotVerified, Subject, SubjectKey, Verified
from kernel.reasons import Reason
from kernel.records.devices import Device, Proof, Signal, Trust
from kernel.records.people import User
from kernel.records.sessions import Factor, SignIn
from kernel.wire import Broken, Frames, Status

KEY = SubjectKey("u_1", "d_1", Proof.TOKEN, "si_1", "g_1", "ap_1")
USER = User(
    "u_1", "anna", "anna@example.com", "花子", "ja", frozenset({"staff", "admins"}), ("a@x.org",), {"desk": "4"}
)
DEVICE = Device("d_1", "Laptop", "u_1", Trust.MANAGED, signals={"disk": Signal(True, 1.0), "os": Signal("12", 2.0)})
SIGNIN = SignIn("si_1", "dig", "u_1", 1.5, 9.5, {Factor.TOTP: 2.5}, "d_1", Proof.BROWSER_KEY, 3.0)
SUBJECT = Subject(KEY, USER, DEVICE, SIGNIN, ("user:u_1", "device:d_1"), 7, Reason.GRANT_ENDED, 3.0)


def bodies(stream: bytes) -> list[bytes]:
    return list(Frames().feed(stream))


def asked(method: wire.Method[Any], arguments: object) -> Any:
    (body,) = bodies(wire.question(5, method, arguments))
    question = wire.read_question(body)
    assert (question.number, question.method) == (5, method.name)
    return method.arguments(question.arguments)


def answered(method: wire.Method[Any], answer: object) -> Any:
    (body,) = bodies(wire.answer(5, Status.OK, answer))
    return method.answer(wire.read_answer(body).body)


def test_questions_and_answers_come_back_equal() -> None:
    attempt = Attempt("imap", "192.0.2.1", "anna", "p", certificate=b"\x00\xff", client="mutt")
    assert asked(wire.VERIFY, attempt) == attempt
    assert asked(wire.FACTS, wire.Facts(KEY)).key == KEY
    assert answered(wire.FACTS, SUBJECT) == SUBJECT
    assert answered(wire.FACTS, None) is None
    verified = Verified(SUBJECT, 5.0, "cookie", Reason.WRONG_SERVICE)
    assert answered(wire.VERIFY, wire.VerifyAnswer(verified, None)).verified == verified
    refused = NotVerified(Reason.THROTTLED, 4.5)
    assert answered(wire.VERIFY, wire.VerifyAnswer(None, refused)).refused == refused


def _sample(kind: type[Event]) -> Event:
    values: dict[str, Any] = {}
    for each in fields(kind):
        annotation = str(each.type)
        if "dict[str, str]" in annotation:
            values[each.name] = {"en": "no", "ja": "否"}
        elif "dict" in annotation:
            values[each.name] = {"signals": {"disk": [True, 1.0]}, "n": None}
        elif "tuple" in annotation:
            values[each.name] = ("a", "b")
        elif each.type in (int, float, bool):
            values[each.name] = each.type(1)  # type: ignore[operator]
        else:
            values[each.name] = f"x-{each.name}\u202e\n"
    return kind(**values)


@pytest.mark.parametrize("kind", EVENTS.values(), ids=EVENTS)
def test_every_event_comes_back_equal(kind: type[Event]) -> None:
    event = _sample(kind)
    assert wire.unpack_events(asked(wire.RECORD, wire.pack_events("p", [event]))) == [event]


def test_an_odd_event_is_escaped_and_keeps_nobody_back() -> None:
    odd = Decided(
        at=1.0,
        session="s",
        service="imap",
        outcome="deny",
        rule="",
        revision=1,
        client="mutt\ud800",
        facts={"n": 2**70, "\ud800": ("x\udfff", {"é"}, object())},
    )
    fine = Fault(at=2.0, where="x", what="y")
    got = wire.unpack_events(asked(wire.RECORD, wire.pack_events("p", [odd, fine])))
    assert isinstance(got[0], Decided) and got[0].client == "mutt\\ud800" and got[1] == fine
    assert got[0].facts["n"] == str(2**70) and got[0].facts["\\ud800"][:2] == ["x\\udfff", ["é"]]


@given(st.lists(st.binary(max_size=300), max_size=8), st.integers(1, 50))
def test_frames_come_whole_however_the_stream_is_cut(messages: list[bytes], step: int) -> None:
    stream = b"".join(len(message).to_bytes(4, "big") + message for message in messages)
    frames, got = Frames(), list[bytes]()
    for start in range(0, len(stream), step):
        got += frames.feed(stream[start : start + step])
    assert got == messages


def test_one_octet_at_a_time() -> None:
    stream = wire.question(1, wire.FACTS, wire.Facts(KEY)) + wire.answer(2, Status.OK, SUBJECT)
    frames, got = Frames(), list[bytes]()
    for octet in stream:
        got += frames.feed(bytes([octet]))
    assert wire.read_question(got[0]).number == 1 and wire.FACTS.answer(wire.read_answer(got[1]).body) == SUBJECT


def test_a_frame_that_is_announced_too_large_is_refused_before_it_comes() -> None:
    with pytest.raises(Broken, match="too large"):
        list(Frames().feed((wire.LARGEST + 1).to_bytes(4, "big")))
    with pytest.raises(Broken, match="too large"):
        wire.answer(1, Status.OK, "x" * wire.LARGEST)


@given(st.binary(max_size=400))
def test_noise_is_broken_never_anything_else(noise: bytes) -> None:
    for read in (wire.read_question, wire.read_answer):
        try:
            read(noise)
        except Broken:
            continue
    for method in wire.METHODS.values():
        try:
            method.arguments(msgspec.Raw(noise))
            method.answer(msgspec.Raw(noise))
        except Broken:
            continue


@pytest.mark.parametrize(
    "arguments",
    [
        {"service": "imap"},
        {"service": 5, "address": ""},
        {"service": "imap", "address": "", "certificate": 7},
        [],
        None,
    ],
)
def test_an_attempt_of_the_wrong_shape_is_broken(arguments: object) -> None:
    (body,) = bodies(wire.question(1, wire.VERIFY, arguments))
    with pytest.raises(Broken):
        wire.VERIFY.arguments(wire.read_question(body).arguments)
