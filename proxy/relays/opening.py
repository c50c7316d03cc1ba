"""Gets an admitted session its upstream: chooses the backend, asks for the login and dials, both at once.

Ends in one call, whichever comes first: ``there`` with both, or ``lost``. ``drop`` calls it off.
"""

from collections.abc import Callable

from kernel.authority import MintOrder, UpstreamLogin
from kernel.config.settings import Tls, Upstream
from proxy.admission import Admission
from proxy.relays.channel import Channel
from proxy.relays.gate import Forward, Reached
from proxy.relays.house import Choice, House

There = Callable[[Channel, Upstream, Reached], None]


class Opening:
    """One upstream on its way; ``begin`` it once."""

    __slots__ = ("_admission", "_channel", "_choice", "_house", "_login", "_lost", "_over", "_port", "_there")

    def __init__(self, house: House, admission: Admission, port: int, there: There, lost: Callable[[], None]) -> None:
        """``port``: the client's, told to an upstream that trusts us."""
        self._house = house
        self._admission = admission
        self._port = port
        self._there = there
        self._lost = lost
        self._choice: Choice | None = None
        self._login: UpstreamLogin | None = None
        self._channel: Channel | None = None
        self._over = False

    def begin(self) -> None:
        """Ask and dial; may end before it returns."""
        admission = self._admission
        subject = admission.subject
        choice = self._house.choose(subject, admission.service) if subject is not None else None
        if subject is None or choice is None:
            self._house.guard.fault(admission.service, "no backend serves this user")
            self._lose()
            return
        self._choice = choice
        order = MintOrder(choice[0].name, subject.key, admission.session, admission.service, admission.address)
        self._house.minter.mint(order, self._minted)
        if not self._over:
            self._house.dialer.dial(choice[1], self._dialed)

    def drop(self) -> None:
        """Call it off: neither ``there`` nor ``lost`` is called any more."""
        self._over = True
        if self._channel is not None:
            self._channel.abort()

    def _minted(self, login: UpstreamLogin | Exception) -> None:
        if isinstance(login, Exception):
            self._lose()
            return
        self._login = login
        if self._channel is not None:
            self._arrive(self._channel, login)

    def _dialed(self, channel: Channel | Exception) -> None:
        if isinstance(channel, Exception):
            self._lose()
        elif self._over:
            channel.abort()
        elif self._login is not None:
            self._arrive(channel, self._login)
        else:
            channel.on_end = self._lose
            self._channel = channel

    def _lose(self, _: Exception | None = None) -> None:
        if not self._over:
            self.drop()
            self._lost()

    def _arrive(self, channel: Channel, login: UpstreamLogin) -> None:
        choice, admission, told = self._choice, self._admission, None
        if self._over or choice is None:
            return
        self._over = True
        backend, upstream = choice
        if backend.forward and admission.subject is not None:
            told = Forward(admission.address, self._port, admission.session, admission.subject.user.email)
        address = upstream.address
        secure = upstream.tls is not Tls.STARTTLS
        self._there(channel, upstream, Reached(login, told, address.host, address.port, secure))
