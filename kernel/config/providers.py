"""The token endpoints that we know, Microsoft 365 and Google Workspace, and what is missing in a backend's ``[oauth]``.
Pure."""

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

from kernel.config.backends import Backend, Ground, Login, OAuth, Provider
from kernel.config.fault import Fault
from kernel.config.places import Path

MICROSOFT = "https://login.microsoftonline.com/{}/oauth2/v2.0/"
OUTLOOK = "https://outlook.office.com/"
DELEGATED = f"{OUTLOOK}IMAP.AccessAsUser.All {OUTLOOK}POP.AccessAsUser.All {OUTLOOK}SMTP.Send offline_access"
APP_ONLY = "https://outlook.office365.com/.default"
GOOGLE_TOKENS = "https://oauth2.googleapis.com/token"
GOOGLE_CONSENT = "https://accounts.google.com/o/oauth2/v2/auth"
GOOGLE_MAIL = "https://mail.google.com/"


def resolved(oauth: OAuth) -> OAuth:
    """Return it with its provider's addresses and scope where the operator left them out."""
    app = oauth.ground is Ground.APP
    known = {Provider.OTHER: ("", "", "")}
    base = MICROSOFT.format(oauth.tenant)
    known[Provider.MICROSOFT] = (f"{base}authorize", f"{base}token", APP_ONLY if app else DELEGATED)
    known[Provider.GOOGLE] = (GOOGLE_CONSENT, GOOGLE_TOKENS, GOOGLE_MAIL)
    authorize, token, scope = known[oauth.provider]
    return replace(
        oauth,
        authorize_url=oauth.authorize_url or authorize,
        token_url=oauth.token_url or token,
        scope=oauth.scope or scope,
    )


def oauth_faults(path: Path, backend: Backend) -> Iterator[Fault]:
    """Yield what keeps a backend with ``login = "oauth"`` or ``"external"`` from being logged in at."""
    for protocol, upstream in backend.upstreams:
        if (upstream.certificate is None) is not (upstream.key is None):
            yield Fault((*path, protocol), "`certificate` and `key` belong together")
        elif backend.login is Login.EXTERNAL and upstream.certificate is None:
            yield Fault((*path, protocol), "login = external needs `certificate` and `key`", "external")
    if backend.login is not Login.OAUTH:
        if backend.oauth is not None:
            yield Fault((*path, "oauth"), f"login = {backend.login} takes no [oauth]", "oauth", 'set login = "oauth"')
        return
    if backend.oauth is None:
        yield Fault((*path, "login"), "login = oauth needs [backend.oauth]", "oauth")
        return
    yield from _described((*path, "oauth"), resolved(backend.oauth))


def _described(path: Path, oauth: OAuth) -> Iterator[Fault]:
    for name, address, needed in (
        ("token_url", oauth.token_url, True),
        ("authorize_url", oauth.authorize_url, oauth.ground is Ground.PERSON),
    ):
        if needed and urlsplit(address).scheme != "https":
            yield Fault((*path, name), f"`{name}` is an https address", address)
    service = oauth.ground is Ground.APP and oauth.provider is Provider.GOOGLE
    if service and oauth.key_file is None:
        yield Fault(path, "a Google service account needs `key_file`", "", "its JSON key, as Google gave it")
    if not service and not oauth.client_id:
        yield Fault(path, "`client_id` is missing", "", "as the provider registered us")
    if oauth.ground is Ground.APP and not service and oauth.secret_file is None:
        yield Fault(path, "app-only access needs `secret_file`", "", "a file with the client's secret")
    if oauth.ground is Ground.APP and oauth.provider is Provider.MICROSOFT and oauth.tenant == "common":
        yield Fault((*path, "tenant"), "app-only access needs your own `tenant`", "common", "its id or domain")
