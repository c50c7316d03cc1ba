"""A driver until its session is admitted: greeting, TLS with the client, the guard's question and its answer."""

from proxy.admission import Admission
from proxy.relays.channel import Channel
from proxy.relays.gate import Ask, Commands, Gate, StartTls
from proxy.relays.house import House
from proxy.relays.knock import Knock, attempt_of
from proxy.relays.limiting import Limiting, limited
from proxy.relays.listen import Listening


class Entering:
    """See the module; ``proxy.relays.driver`` has the rest."""

    __slots__ = (
        "_admission",
        "_certificate",
        "_channel",
        "_deadline",
        "_gate",
        "_house",
        "_knock",
        "_limiting",
        "_listening",
        "_over",
        "_service",
        "_upstream",
        "octets_in",
        "octets_out",
    )

    def __init__(self, house: House, service: str, gate: Gate, channel: Channel, listening: Listening) -> None:
        self._house = house
        self._service = service
        self._gate = gate
        self._channel = channel
        self._listening = listening
        self._upstream: Channel | None = None
        self._admission: Admission | None = None
        self._limiting: Limiting | None = None
        self._certificate = b""
        self._knock: Knock | None = None
        self._over = False
        self.octets_in = 0
        self.octets_out = 0
        self._deadline = channel.expect(house.bounds.preauth_seconds, self._overdue)

    def start(self) -> None:
        """Greet, and listen to the client."""
        channel = self._channel
        self._listen(channel)
        self._certificate = self._shown()
        self._perform(self._gate.greet(channel.secure, bool(self._certificate)))
        channel.resume()

    def _listen(self, channel: Channel) -> None:
        channel.on_data, channel.on_end, channel.on_drain = self._received, self._client_gone, self._client_drained

    def _shown(self) -> bytes:
        return self._channel.certificate if self._listening.listener.client_certificate else b""

    def _secured(self) -> None:
        self._certificate = self._shown()
        self._perform(self._gate.secured(bool(self._certificate)))

    def _remind(self, number: str, first: bool) -> None:
        self._perform(self._gate.patient(number, first))

    def _judged(self, admission: Admission) -> None:
        self._knock = None  # it holds us, and has done its part
        if self._over:
            return
        if admission.admitted:
            self._admission, decision = admission, admission.decision
            if decision is not None and limited(decision.limits):
                self._limiting = Limiting(self._house, admission)
                self._perform(self._gate.limited(self._limiting.terms(decision.limits)))
        self._perform(self._gate.judged(admission))

    def _start_tls(self, _: StartTls) -> None:
        self._listening.shake_hands(self._channel, self._secured)

    def _ask(self, ask: Ask) -> None:
        attempt = attempt_of(ask, self._service, self._channel, self._certificate, shapes=self._house.shapes)
        self._knock = Knock(self._house, attempt, self._deadline, self._remind, self._judged)
        self._knock.begin()

    # -- the rest -----------------------------------------------------------------------------------------------

    def _perform(self, commands: Commands) -> None:
        """Do what the gate orders."""
        raise NotImplementedError

    def _received(self, data: memoryview) -> None:
        """The client sent octets."""
        raise NotImplementedError

    def _client_gone(self, _: Exception | None) -> None:
        """The client hung up."""
        raise NotImplementedError

    def _client_drained(self) -> None:
        """The client has read what was queued."""
        raise NotImplementedError

    def _overdue(self) -> None:
        """The client takes too long."""
        raise NotImplementedError
