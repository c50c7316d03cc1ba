"""How the Authority's questions and answers travel: frames of a length and a msgpack body, typed at both ends. Pure.

::

    frame    = length (4 octets, big-endian, of what follows) body
    question = [number, method, arguments]         number names the question; 0 is never used
    answer   = [number, status, body]              a followed change log gets many answers with ``more``

What does not decode to exactly the declared types is refused: nothing dynamic crosses this seam.
"""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, Generic, TypeVar

import msgspec

from kernel.audit import EVENTS, Event
from kernel.authority import (
    Attempt,
    MintOrder,
    NotVerified,
    Policy,
    Subject,
    SubjectKey,
    UpstreamLogin,
    Verified,
)
from kernel.records.changes import Change
from kernel.records.sessions import LiveSession

LARGEST = 16 * 1024 * 1024
"""Octets of one frame's body."""

HEAD = 4

A = TypeVar("A")


class Broken(Exception):
    """The other side does not speak this language: the connection is worth nothing any more."""


class Status(StrEnum):
    """What an answer is: the last one, one of many, or one of the two exceptions that callers know."""

    OK = "ok"
    MORE = "more"
    REFUSED = "refused"
    UNAVAILABLE = "unavailable"


class Facts(msgspec.Struct, array_like=True, frozen=True):
    """Arguments of ``facts``."""

    key: SubjectKey


class Since(msgspec.Struct, array_like=True, frozen=True):
    """Arguments of ``changes``."""

    since: int


class Record(msgspec.Struct, array_like=True, frozen=True):
    """Arguments of ``record``: events as (kind, encoded fields)."""

    node: str
    events: list[tuple[str, msgspec.Raw]]


class Sessions(msgspec.Struct, array_like=True, frozen=True):
    """Arguments of ``sessions``."""

    node: str
    opened: list[LiveSession]
    closed: list[str]
    whole: bool


class Assertion(msgspec.Struct, array_like=True, frozen=True):
    """Arguments of ``assertion``."""

    key: SubjectKey
    session: str
    audience: str


class Nothing(msgspec.Struct, array_like=True, frozen=True):
    """No arguments, or no answer beyond that it is done."""


class VerifyAnswer(msgspec.Struct, array_like=True, frozen=True):
    """One of the two."""

    verified: Verified | None
    refused: NotVerified | None


class Method(Generic[A]):
    """One question: the types of its arguments and of its answer."""

    def __init__(self, name: str, arguments: Any, answer: Any) -> None:
        self.name = name
        self._arguments = msgspec.msgpack.Decoder(arguments)
        self._answer = msgspec.msgpack.Decoder(answer)

    def arguments(self, body: msgspec.Raw) -> Any:
        """Decode a question's arguments, on the answering side."""
        return _decoded(self._arguments, body)

    def answer(self, body: msgspec.Raw) -> A:
        """Decode an answer's body, on the asking side."""
        answer: A = _decoded(self._answer, body)
        return answer


VERIFY: Method[VerifyAnswer] = Method("verify", Attempt, VerifyAnswer)
FACTS: Method[Subject | None] = Method("facts", Facts, Subject | None)
POLICY: Method[Policy] = Method("policy", Nothing, Policy)
CHANGES: Method[list[Change]] = Method("changes", Since, list[Change])
RECORD: Method[Nothing] = Method("record", Record, Nothing)
SESSIONS: Method[Nothing] = Method("sessions", Sessions, Nothing)
MINT: Method[UpstreamLogin] = Method("mint", MintOrder, UpstreamLogin)
ASSERTION: Method[tuple[str, float]] = Method("assertion", Assertion, tuple[str, float])
KEYS: Method[str] = Method("keys", Nothing, str)
FORGET: Method[Nothing] = Method("forget", Since, Nothing)
"""``forget`` ends a followed change log: its argument is the number of the question that began it."""

METHODS: Mapping[str, Method[Any]] = {
    method.name: method for method in (VERIFY, FACTS, POLICY, CHANGES, RECORD, SESSIONS, MINT, ASSERTION, KEYS, FORGET)
}


class Question(msgspec.Struct, array_like=True, frozen=True):
    """A question as it travels."""

    number: int
    method: str
    arguments: msgspec.Raw


class Answer(msgspec.Struct, array_like=True, frozen=True):
    """An answer as it travels."""

    number: int
    status: Status
    body: msgspec.Raw


UNSAYABLE = (UnicodeEncodeError, TypeError, OverflowError)
_ENCODER = msgspec.msgpack.Encoder()
_QUESTION = msgspec.msgpack.Decoder(Question)
_ANSWER = msgspec.msgpack.Decoder(Answer)
_EVENTS: Mapping[str, msgspec.msgpack.Decoder[Event]] = {
    kind: msgspec.msgpack.Decoder(event) for kind, event in EVENTS.items()
}


def question(number: int, method: Method[Any], arguments: object) -> bytes:
    """Return a question's frame. Raises Broken when it cannot be said: too large, or text that is not Unicode."""
    return _frame(Question(number, method.name, _encoded(arguments)))


def answer(number: int, status: Status, body: object) -> bytes:
    """Return an answer's frame; the body of an exception is its message."""
    return _frame(Answer(number, status, _encoded(body)))


def read_question(body: bytes) -> Question:
    """Decode a frame's body as a question. Raises Broken."""
    found: Question = _decoded(_QUESTION, body)
    return found


def read_answer(body: bytes) -> Answer:
    """Decode a frame's body as an answer. Raises Broken."""
    found: Answer = _decoded(_ANSWER, body)
    return found


def words_of(body: msgspec.Raw) -> str:
    """Decode the message of an exception. Raises Broken."""
    try:
        return msgspec.msgpack.decode(body, type=str)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Broken(str(error)) from error


def pack_events(node: str, events: Sequence[Event]) -> Record:
    """Return events as the arguments of ``record``. Text that is not Unicode is escaped: one odd event from a stranger
    must not keep all others from being recorded."""
    encode = _ENCODER.encode
    try:
        return Record(node, [(event.kind, msgspec.Raw(encode(event))) for event in events])
    except UNSAYABLE:
        return Record(node, [(event.kind, _event(event)) for event in events])


def unpack_events(record: Record) -> list[Event]:
    """Return the events, each of exactly its declared kind. Raises Broken."""
    unknown = [kind for kind, _ in record.events if kind not in _EVENTS]
    if unknown:
        raise Broken(f"no event is called {unknown[0][:40]!r}")
    return [_decoded(_EVENTS[kind], body) for kind, body in record.events]


class Frames:
    """Cuts a stream of octets into frame bodies, however they arrive."""

    def __init__(self, largest: int = LARGEST) -> None:
        self._largest = largest
        self._held = bytearray()

    def feed(self, octets: bytes) -> Iterator[bytes]:
        """Take octets, yield each complete body. Raises Broken when a frame is announced too large."""
        held = self._held
        held += octets
        start = 0
        try:
            while len(held) - start >= HEAD:
                size = int.from_bytes(held[start : start + HEAD], "big")
                if size > self._largest:
                    raise Broken(f"a frame of {size} octets is too large")
                if len(held) - start < HEAD + size:
                    return
                body = bytes(held[start + HEAD : start + HEAD + size])
                start += HEAD + size
                yield body
        finally:
            del held[:start]


def _frame(message: Question | Answer) -> bytes:
    body = _ENCODER.encode(message)
    if len(body) > LARGEST:
        raise Broken(f"a message of {len(body)} octets is too large to send")
    return len(body).to_bytes(HEAD, "big") + body


def _event(event: Event) -> msgspec.Raw:
    try:
        return _encoded(event)
    except Broken:
        return _encoded({each.name: _escaped(getattr(event, each.name)) for each in msgspec.structs.fields(event)})


def _escaped(value: object) -> object:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, Mapping):
        return {_escaped(key): _escaped(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_escaped(item) for item in value]
    return value if isinstance(value, (bool, int, float, type(None))) and abs(value or 0) < 2**63 else repr(value)


def _encoded(value: object) -> msgspec.Raw:
    try:
        return msgspec.Raw(_ENCODER.encode(value))
    except UNSAYABLE as error:
        raise Broken(f"this cannot be sent: {type(error).__name__}") from error


def _decoded(decoder: "msgspec.msgpack.Decoder[Any]", body: bytes | msgspec.Raw) -> Any:
    try:
        return decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Broken(f"a message is not what it should be: {error}") from error
