"""Puts the identity pages together: sign-in, portal, provider, console and the admin API, as one application."""

from starlette.applications import Starlette
from starlette.requests import Request

from gatepost.household.identity import Identity
from idp.api.app import api_routes
from idp.api.gates import TokenGate
from idp.authzen.desk import Desk
from idp.authzen.endpoints import AuthZen
from idp.authzen.gate import ProgramGate
from idp.authzen.paging import Paging
from idp.authzen.searching import Searching
from idp.authzen.weighing import Scale
from idp.ca.pages import AuthorityPages
from idp.console.pages import CONSOLE, ConsolePages
from idp.devices.agents import AgentPages
from idp.devices.est import EnrolmentPages
from idp.oidc.machines import MachineTokens
from idp.oidc.provider import Neighbours as ProviderNeighbours
from idp.oidc.provider import Provider
from idp.oidc.texts import AREA as OIDC
from idp.portal.mail_clients import implicit_tls
from idp.portal.pages import PORTAL, PortalPages
from idp.signin.gate import SignInGate
from idp.signin.neighbours import Neighbours
from idp.signin.pages import SIGNIN, SignInPages
from idp.web.app import pages_app
from idp.web.pages import Pages
from idp.web.peer import peer_of

CSRF_PURPOSE = "csrf"
PAGING_PURPOSE = "authzen-page"


def pages_application(identity: Identity) -> Starlette:
    """Return everything that the identity side serves to browsers and programs through the proxy."""
    site, vault = identity.settings.site, identity.vault
    areas = (SIGNIN, PORTAL, CONSOLE, OIDC)
    pages = Pages(site, areas, vault.derive(CSRF_PURPOSE), identity.clock, identity.chance)
    near = Neighbours(
        settings=identity.settings,
        store=identity.store,
        accounts=identity.accounts,
        devices=identity.devices,
        signins=identity.signins,
        judge=identity.judge,
        subjects=identity.subjects,
        live=identity.answers.live,
        pages=pages,
        clock=identity.clock,
    )
    signin = SignInPages(near)
    tokens = TokenGate(identity.store, identity.tokens, identity.subjects, identity.judge, _address_of)
    return pages_app(
        pages,
        signin.routes(),
        PortalPages(near, signin.gate).routes(),
        _provider(identity, pages, signin.gate).routes(),
        _decision_point(identity).routes(),
        ConsolePages(identity.acts, pages, signin.gate, identity.clock).routes(),
        api_routes(identity.acts, tokens),
        AuthorityPages(identity.store, lambda: identity.devices.ca).routes(),
        EnrolmentPages(identity.devices).routes(),
        AgentPages(identity.devices, identity.reporting, implicit_tls(identity.settings)).routes(),
    )


def machine_tokens(identity: Identity) -> MachineTokens:
    """Return what issues and checks the tokens of programs."""
    settings = identity.settings
    issuer, lifetime = settings.site.issuer.rstrip("/"), settings.idp.access_token_seconds
    return MachineTokens(identity.keys, identity.clock, identity.chance, issuer, lifetime)


def _provider(identity: Identity, pages: Pages, gate: SignInGate) -> Provider:
    return Provider(
        ProviderNeighbours(
            store=identity.store,
            vault=identity.vault,
            clock=identity.clock,
            chance=identity.chance,
            keys=identity.keys,
            clients=identity.clients,
            tokens=identity.tokens,
            machines=machine_tokens(identity),
            gate=gate,
            ender=identity.signins,
            judge=identity.judge,
            subjects=identity.subjects,
            pages=pages,
            issuer=identity.settings.site.issuer.rstrip("/"),
            refresh_days=identity.settings.idp.refresh_days,
        )
    )


def _decision_point(identity: Identity) -> AuthZen:
    store, clock, issuer = identity.store, identity.clock, identity.settings.site.issuer.rstrip("/")
    scale = Scale(identity.subjects, identity.judge, clock)
    paging = Paging(identity.vault.derive(PAGING_PURPOSE))
    searching = Searching(store, scale, paging, clock, identity.acts.publishing.services)
    gate = ProgramGate(store, machine_tokens(identity), issuer)
    return AuthZen(gate, Desk(store, scale, clock, identity.chance, issuer), searching, issuer)


def _address_of(request: Request) -> str:
    return peer_of(request).address
