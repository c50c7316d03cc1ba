"""Builds the decision point of one process from the configuration, and takes in the connections of its listeners."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from kernel.chance import Chance
from kernel.config.settings import Settings
from proxy.decisions.enforcers import Enforcers, certificates
from proxy.decisions.forward import ForwardEntry
from proxy.decisions.mail import MailLogins
from proxy.decisions.strangers import Strangers
from proxy.guard import Guard
from proxy.recorder import Recorder
from proxy.relays.channel import Channel
from proxy.relays.house import Minter
from proxy.relays.listen import Listening
from proxy.web.client import Client
from proxy.web.house import WebHouse
from proxy.web.routes import RouteTable
from proxy.whereabouts import networks

Serve = Callable[[Channel], object]


class DecisionDoor:
    """The decision point of one process. ``serve`` is what ``prepared`` returned: connections from now on have it."""

    def __init__(self, guard: Guard, recorder: Recorder, chance: Chance) -> None:
        self._guard, self._recorder, self._chance = guard, recorder, chance
        self.serve: Serve = lambda channel: channel.close()

    def prepared(self, settings: Settings, web: WebHouse, minter: Minter) -> Serve:
        """Return what serves a connection by these settings, with the sessions and pages of the web door.

        Raises:
            Bad, ValueError: a route's host is malformed.
        """
        routes = [route for route in settings.routes if route.enforcers]
        table = RouteTable(routes, settings.site.issuer)
        house = replace(web, site=settings.site, bounds=settings.bounds, table=table, upstreams={}, trusted=())
        enforcers = Enforcers(settings.enforcers, self._chance)
        for fault in enforcers.faults:
            self._guard.fault("decisions", fault)
        mail = MailLogins(self._guard, minter, settings.backends, settings.bounds)
        strangers = Strangers(self._recorder.record, web.clock, self._recorder.node)
        entry = ForwardEntry(house, enforcers, mail, strangers, networks(settings.proxy.trusted_proxies))
        return lambda channel: Client(house, entry, channel)

    def arrived(self, channel: Channel, _: Listening) -> None:
        """Take in a connection whose TLS, if any, is done."""
        self.serve(channel)

    @staticmethod
    def certificates(settings: Settings) -> Iterator[Path]:
        """Yield the only certificates that may be shown to a listener for decisions."""
        return certificates(settings.enforcers)
