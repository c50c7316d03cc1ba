"""Holds one live session to its limits, as far as its driver does that: the terms for its gate, the pace of its
downloads, and the record of what a limit turns down."""

from kernel.reasons import Reason
from policies.model import Limits
from proxy.admission import Admission
from proxy.relays.channel import Channel
from proxy.relays.gate import Allowance, Terms
from proxy.relays.house import House

EXPLAINED = (
    Reason.LIMITS,
    Reason.READ_ONLY,
    Reason.ATTACHMENT,
    Reason.FOLDER,
    Reason.DOWNLOAD,
    Reason.RECIPIENT,
)


def limited(limits: Limits) -> bool:
    """Tell whether a mail session is to be held to these; how long it lasts is the leases' business."""
    return bool(
        limits.read_only
        or limits.attachments_block
        or limits.folders
        or limits.recipients_internal
        or limits.download is not None
    )


class Limiting:
    """One session's. ``paused``: the upstream is not read just now, for the sake of the pace."""

    __slots__ = ("_admission", "_allowance", "_house", "_references", "_told", "paused")

    def __init__(self, house: House, admission: Admission) -> None:
        self._house = house
        self._admission = admission
        explaining = house.explanations
        self._references = {reason: explaining.refer() for reason in EXPLAINED} if explaining is not None else {}
        self._told: set[Reason] = set()
        self._allowance: Allowance | None = None
        self.paused = False

    def terms(self, limits: Limits) -> Terms:
        """Return what the gate is to hold the session to from now on."""
        subject = self._admission.subject
        self._allowance = None
        if limits.download is not None and subject is not None:
            self._allowance = self._house.meters.allowance(subject.user.id, limits.download, self._house.clock)
        language = subject.user.language if subject is not None else ""
        links = {reason: link for reason, (_, link) in self._references.items()}
        return Terms(limits, links, language or "en", self._allowance)

    def withheld(self, reason: Reason) -> None:
        """Put on record that a limit has turned something down, the first time."""
        explaining, subject = self._house.explanations, self._admission.subject
        if reason in self._told or reason not in self._references or explaining is None or subject is None:
            return
        self._told.add(reason)
        explaining.withheld(self._admission, subject, reason, self._references[reason][0])

    def sent(self, octets: int, client: Channel, upstream: Channel) -> None:
        """Count what the client was sent; let the upstream wait when that was much."""
        seconds = self._allowance.take(octets) if self._allowance is not None else 0.0
        if seconds <= 0 or self.paused:
            return
        self.paused = True
        upstream.pause()
        self._house.reactor.deadlines.after(seconds, lambda: self._go_on(client, upstream))

    def _go_on(self, client: Channel, upstream: Channel) -> None:
        self.paused = False
        if not client.queued:  # else it goes on when the client has read that
            upstream.resume()
