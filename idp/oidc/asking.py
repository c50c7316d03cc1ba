"""What a client asks at the authorization endpoint, read and judged (RFC 6749 4.1.1, OpenID Connect Core 3.1.2). Pure.

Two kinds of fault, never mixed up: ``Astray`` before client and redirect address are known to belong together (told on
a page of ours, the browser goes nowhere), ``Turned`` afterwards (told to the client).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from idp.oidc.addresses import is_web, names
from idp.oidc.claims import AUDIENCES, audiences
from idp.oidc.pairs import Pairs, all_of
from kernel.records.oidc import OidcClient

SINCE = "gatepost_since"
"""Our own parameter in the return address of a sign-in: the moment after which a sign-in counts as new."""

STEPPED = "gatepost_stepped"
"""Our own mark in the return address of a step-up that the policy wanted: it is asked for once."""

PROVED = "gatepost_proved"
"""Our own mark in the return address of a device's proof: it is asked for once."""

PROMPTS = frozenset({"none", "login", "consent", "select_account"})
MODES = ("query", "form_post")
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_NUMBER = re.compile(r"[0-9]{1,10}")
_LONGEST = {
    "state": 4096,
    "nonce": 1024,
    "login_hint": 256,
    "ui_locales": 128,
    "acr_values": 512,
    "id_token_hint": 8192,
}
_REFUSED = {
    "request": "request_not_supported",
    "request_uri": "request_uri_not_supported",
    "registration": "registration_not_supported",
}


@dataclass(frozen=True, slots=True)
class Back:
    """Where the answer goes, and how."""

    redirect_uri: str
    mode: str = "query"
    state: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A sound request. ``since`` is set when the browser comes back from a sign-in that this request asked for."""

    client: OidcClient
    back: Back
    scopes: tuple[str, ...]
    audience: tuple[str, ...]
    nonce: str
    challenge: str
    prompt: frozenset[str]
    max_age: int | None
    acr_values: tuple[str, ...]
    id_token_hint: str
    login_hint: str
    ui_locales: str
    since: float | None
    stepped: bool = False
    proved: bool = False

    @property
    def scope(self) -> str:
        """The granted scopes as one text."""
        return " ".join(self.scopes)


class Astray(Exception):
    """Nothing may be sent anywhere. ``key`` names the text for the page (``idp.oidc.texts``)."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(key)


class Turned(Exception):
    """The client is told ``error`` (RFC 6749 4.1.2.1, OpenID Connect Core 3.1.2.6) at ``back``."""

    def __init__(self, error: str, description: str, back: Back) -> None:
        self.error, self.description, self.back = error, description, back
        super().__init__(error)


def read(pairs: Pairs, find: Callable[[str], OidcClient | None], issuer: str) -> Asked:
    """Return what is asked.

    Raises:
        Astray, Turned: see the module.
    """
    given = {name: value for name, value in pairs if value}
    client, back = _where_back(pairs, given, find)
    _refuse_what_we_do_not_speak(pairs, given, client, back)
    scopes = tuple(dict.fromkeys(scope for scope in given.get("scope", "").split() if scope in client.scopes))
    if not scopes:
        raise Turned("invalid_scope", "None of these scopes is open to this client.", back)
    return Asked(
        client=client,
        back=back,
        scopes=scopes,
        audience=_audience(all_of(pairs, "resource"), scopes, client, issuer, back),
        nonce=given.get("nonce", ""),
        challenge=_challenge(given, client, back),
        prompt=_prompt(given, back),
        max_age=_number(given, "max_age", back),
        acr_values=tuple(given.get("acr_values", "").split()),
        id_token_hint=given.get("id_token_hint", ""),
        login_hint=given.get("login_hint", ""),
        ui_locales=given.get("ui_locales", ""),
        since=_since(given),
        stepped=STEPPED in given,
        proved=PROVED in given,
    )


def _where_back(
    pairs: Pairs, given: dict[str, str], find: Callable[[str], OidcClient | None]
) -> tuple[OidcClient, Back]:
    if len(all_of(pairs, "client_id")) != 1 or len(given["client_id"]) > 256:
        raise Astray("oidc.error.client")
    client = find(given["client_id"])
    if client is None:
        raise Astray("oidc.error.client")
    uri = given.get("redirect_uri", "")
    native = client.auth_method == "none"
    if len(all_of(pairs, "redirect_uri")) != 1 or not names(uri, client.redirect_uris, native=native):
        raise Astray("oidc.error.redirect")
    mode = given.get("response_mode", "query")
    state = given.get("state", "") if len(all_of(pairs, "state")) == 1 else ""
    if mode == "form_post" and not is_web(uri):
        raise Astray("oidc.error.redirect")
    return client, Back(uri, mode if mode in MODES else "query", state[: _LONGEST["state"]])


def _refuse_what_we_do_not_speak(pairs: Pairs, given: dict[str, str], client: OidcClient, back: Back) -> None:
    twice = [name for name in given if name != "resource" and len([1 for key, _ in pairs if key == name]) > 1]
    if twice:
        raise Turned("invalid_request", "A parameter comes more than once.", back)
    for name, error in _REFUSED.items():
        if name in given:
            raise Turned(error, f"The parameter {name} is not supported.", back)
    if any(len(given.get(name, "")) > limit for name, limit in _LONGEST.items()):
        raise Turned("invalid_request", "A parameter is too long.", back)
    if "response_type" not in given:
        raise Turned("invalid_request", "The response_type is missing.", back)
    if given["response_type"] != "code":
        raise Turned("unsupported_response_type", "Only the code flow is offered.", back)
    if given.get("response_mode", "query") not in MODES:
        raise Turned("invalid_request", "The response_mode must be query or form_post.", back)
    if "authorization_code" not in client.grant_types:
        raise Turned("unauthorized_client", "This client may not use the code flow.", back)


def _challenge(given: dict[str, str], client: OidcClient, back: Back) -> str:
    """Return the PKCE challenge (RFC 7636). ``plain`` is refused, and a missing method would mean ``plain``."""
    challenge, method = given.get("code_challenge", ""), given.get("code_challenge_method", "")
    if not challenge and not method and not client.require_pkce and client.auth_method != "none":
        return ""
    if not challenge:
        raise Turned("invalid_request", "The code_challenge is missing.", back)
    if method != "S256":
        raise Turned("invalid_request", "The code_challenge_method must be S256.", back)
    if not _CHALLENGE.fullmatch(challenge):
        raise Turned("invalid_request", "The code_challenge is not an S256 challenge.", back)
    return challenge


def _prompt(given: dict[str, str], back: Back) -> frozenset[str]:
    prompt = frozenset(given.get("prompt", "").split())
    if not prompt <= PROMPTS or ("none" in prompt and len(prompt) > 1):
        raise Turned("invalid_request", "This prompt is unknown, or none stands with others.", back)
    return prompt


def _number(given: dict[str, str], name: str, back: Back) -> int | None:
    text = given.get(name)
    if text is None:
        return None
    if not _NUMBER.fullmatch(text):
        raise Turned("invalid_request", f"The {name} must be a number of seconds.", back)
    return int(text)


def _since(given: dict[str, str]) -> float | None:
    text = given.get(SINCE, "")
    return float(text) if _NUMBER.fullmatch(text) else None


def _audience(
    resources: tuple[str, ...], scopes: tuple[str, ...], client: OidcClient, issuer: str, back: Back
) -> tuple[str, ...]:
    """Return whom tokens will be for: what the scopes imply, and the resources that the client may name (RFC 8707).

    A service of ours is never opened by naming it as a resource: that takes its scope.
    """
    implied = audiences(scopes, issuer)
    nameable = {*implied, *client.audience} - (set(AUDIENCES.values()) - set(implied))
    if not nameable.issuperset(resources):
        raise Turned("invalid_target", "This client may not ask for that resource.", back)
    return tuple(dict.fromkeys((*implied, *resources)))
