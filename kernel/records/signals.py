"""What is kept for others' signals: tokens that counted, devices' other names, streams that we feed, osquery nodes."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class SpentToken:
    """A signed message that has counted: ``key`` is its source and its identifier. It stays until it would be too old
    anyway, so that none counts twice."""

    key: str
    expires_at: float


@dataclass(frozen=True, slots=True)
class DeviceAlias:
    """Another name of a device: ``id`` is ``serial:...``, ``uuid:...``, or ``SOURCE:...`` as one source calls it."""

    id: str
    device_id: str


class StreamStatus(StrEnum):
    """What a stream does (SSF 1.0, section 8.1.2): deliver; hold back and keep; neither."""

    ENABLED = "enabled"
    PAUSED = "paused"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class SignalStream:
    """A receiver's stream of our events. ``endpoint`` is ``""`` for one that is polled; ``sealed`` the receiver's
    authorization header. ``position`` is the last audit entry that it was told of, ``number`` the last event's."""

    id: str
    client_id: str
    requested: tuple[str, ...]
    endpoint: str = ""
    sealed: str = ""
    description: str = ""
    status: StreamStatus = StreamStatus.ENABLED
    reason: str = ""
    position: int = 0
    number: int = 0
    created_at: float = 0.0
    verified_at: float = 0.0


@dataclass(frozen=True, slots=True)
class StreamSubject:
    """Whom a receiver asked for: a user, a device, or (both given) a user on a device. ``id`` begins with the
    stream's."""

    id: str
    stream_id: str
    user_id: str = ""
    device_id: str = ""


@dataclass(frozen=True, slots=True)
class SignalNotice:
    """An event that a receiver has not acknowledged. ``id`` is its ``jti``, in order within a stream; ``claims`` what
    the token will say, as JSON text; ``due_at`` when it is pushed next (``NEVER``: it is polled)."""

    id: str
    stream_id: str
    claims: str
    created_at: float
    due_at: float
    tries: int = 0


NEVER = 1e12


@dataclass(frozen=True, slots=True)
class ToldCompliance:
    """What a stream was last told of one device's compliance. ``id`` is the stream's and the device's."""

    id: str
    stream_id: str
    compliant: bool


@dataclass(frozen=True, slots=True)
class OsqueryNode:
    """An osqueryd that has enrolled: ``digest`` of its node key, its device (``""``: of nobody known yet), ``uuid`` and
    ``serial`` number of its hardware."""

    digest: str
    device_id: str
    uuid: str
    enrolled_at: float
    serial: str = ""
