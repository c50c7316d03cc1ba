"""Events of mail backends: who is linked there, and which logins failed."""

from typing import ClassVar

from kernel.audit.event import Event


class UpstreamChanged(Event, frozen=True, kw_only=True):
    """What logs a person in at a mail backend was stored (``linked``), removed (``unlinked``), or is no longer taken
    there (``broken``); ``account`` is the name there, ``detail`` what the other side said."""

    kind: ClassVar[str] = "upstream-changed"
    act: str
    backend: str
    account: str = ""
    detail: str = ""


class UpstreamFailed(Event, frozen=True, kw_only=True):
    """An admitted session could not be opened at its backend: ``what`` is the server's answer, or what became of it."""

    kind: ClassVar[str] = "upstream-failed"
    session: str
    service: str
    backend: str
    what: str
    node: str = ""
