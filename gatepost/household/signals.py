"""Wires others' signals: the sources that are configured, what they push to and what fetches from them.

Secrets are read once, here. A file that cannot be read, or that others may read, stops the start.
"""

import ssl
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from starlette.routing import BaseRoute

from gatepost.household.identity import Identity
from gatepost.household.pages import machine_tokens
from idp.authzen.gate import ProgramGate
from idp.oidc.posting import Poster
from idp.signals.bell import Bell
from idp.signals.courier import Courier
from idp.signals.effects import Effects
from idp.signals.hearing import Hearing
from idp.signals.osquery_nodes import OsqueryNodes
from idp.signals.osquery_pages import OsqueryPages, read_pack
from idp.signals.polling import Poller
from idp.signals.pushing import PushPages
from idp.signals.signing import Signer
from idp.signals.streams import Streams
from idp.signals.telling import Teller
from idp.signals.transmitting import SCOPE, TransmitterPages
from idp.signals.trusted_keys import TrustedKeys
from idp.signals.webhook import Webhook, WebhookPages
from kernel.config.settings import Settings
from kernel.config.signals import Delivery, SignalSource, SignalWebhook
from kernel.problems import Refused
from policies.vocabulary import vocabulary

SHORTEST_SECRET: Final = 16
LONGEST_SECRET: Final = 1024


@dataclass(frozen=True, slots=True)
class Signals:
    """What the identity role serves and runs for others' signals."""

    routes: list[BaseRoute]
    runs: list[Coroutine[Any, Any, None]]


def signals(identity: Identity) -> Signals:
    """Return everything about others' signals that is configured.

    Raises:
        Refused: a secret is missing, too short, or readable by others.
    """
    settings = identity.settings
    effects = Effects(identity.devices, identity.answers.live, identity.clock)
    heard = [_source(identity, effects, source) for source in settings.signal_sources]
    pushed = {each.source.name: each for each, _ in heard if each.source.delivery is Delivery.PUSH}
    polled = [_poller(identity, *each) for each in heard if each[0].source.delivery is Delivery.POLL]
    routes, runs = _transmitter(identity)
    hooks = {hook.name: _webhook(identity, hook) for hook in settings.signal_webhooks}
    served = [*PushPages(pushed).routes(), *WebhookPages(hooks).routes(), *_osquery(identity), *routes]
    return Signals(served, [*(each.run() for each in polled), *runs])


def _webhook(identity: Identity, hook: SignalWebhook) -> Webhook:
    secret, kinds = secret_of(hook.secret_file), vocabulary(identity.settings.signals)
    return Webhook(hook, secret, identity.store, identity.devices, identity.clock, kinds)


def _osquery(identity: Identity) -> Sequence[BaseRoute]:
    """Return osquery's API, where a fleet has a secret."""
    settings = identity.settings.osquery
    if settings.secret_file is None:
        return ()
    near = (identity.store, identity.vault, identity.clock, identity.chance, identity.devices)
    nodes = OsqueryNodes(*near, settings, secret_of(settings.secret_file))
    return OsqueryPages(nodes, read_pack()).routes()


def _transmitter(identity: Identity) -> tuple[Sequence[BaseRoute], Sequence[Coroutine[Any, Any, None]]]:
    """Return what serves and feeds the streams of our own events."""
    store, vault, clock, issuer = identity.store, identity.vault, identity.clock, _issuer(identity.settings)
    bell, signer = Bell(), Signer(identity.keys, issuer)
    streams = Streams(store, vault, clock, identity.chance, issuer, bell)
    gate = ProgramGate(store, machine_tokens(identity), issuer, SCOPE)
    poster = Poster(private=identity.settings.idp.logout_networks, tls=identity.trust())
    courier = Courier(store, signer, vault, poster, clock, bell)
    pages = TransmitterPages(gate, streams, signer, bell, issuer)
    return pages.routes(), (Teller(store, clock, issuer, bell).run(), courier.run())


def secret_of(path: Path) -> str:
    """Return the secret in a file, without the end of its line.

    Raises:
        Refused: it cannot be read, others can, or it is no secret of 16 to 1024 printable characters.
    """
    try:
        if path.stat().st_mode & 0o077:
            raise Refused(f"{path} can be read by others; chmod 600 it")
        text = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as fault:
        raise Refused(f"{path} cannot be read: {fault}") from fault
    if not SHORTEST_SECRET <= len(text) <= LONGEST_SECRET or not text.isprintable():
        raise Refused(f"{path} holds no secret of {SHORTEST_SECRET} to {LONGEST_SECRET} printable characters")
    return text


def _source(identity: Identity, effects: Effects, source: SignalSource) -> tuple[Hearing, str]:
    secret = secret_of(source.secret_file)
    keys = TrustedKeys(source, poster_for(source), identity.clock)
    issuer = _issuer(identity.settings)
    return Hearing(source, secret, keys, identity.store, effects, identity.clock, issuer), secret


def _poller(identity: Identity, hearing: Hearing, secret: str) -> Poller:
    return Poller(hearing, secret, poster_for(hearing.source), identity.store, identity.clock)


def poster_for(source: SignalSource) -> Poster:
    """Return what speaks to a source: to public addresses and its configured networks, by its authority."""
    context = ssl.create_default_context()
    if source.ca is not None:
        context.load_verify_locations(source.ca)
    return Poster(private=source.networks, tls=context)


def _issuer(settings: Settings) -> str:
    return settings.site.issuer.rstrip("/")
