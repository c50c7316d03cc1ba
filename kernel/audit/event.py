"""What all events share."""

from typing import ClassVar

from msgspec import Struct


class Event(Struct, frozen=True, kw_only=True):
    """What all events share. Two are made for every session, with all of their fields: a ``Struct`` is made in a tenth
    of the time of a frozen dataclass."""

    kind: ClassVar[str] = "event"
    at: float
    actor: str = "system"
    user: str = ""
    user_id: str = ""
    device_id: str = ""
    address: str = ""
    reference: str = ""
