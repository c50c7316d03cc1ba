"""Authlib's token endpoint on one transaction: the whole request is one unit of work, so that every take is atomic.

Authlib parses and checks; here stand the records it works on. Its errors come back as answers, not exceptions: what a
refused request changed (a code burned, a family ended for reuse) is kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from authlib.oauth2.rfc6749 import AuthorizationServer, InvalidClientError, OAuth2Error, OAuth2Payload, OAuth2Request

from idp.oidc.clients import Clients, claimed_id
from kernel.ports import Writer
from kernel.records.oidc import OidcClient

GRANT_TYPES = ("authorization_code", "refresh_token", "client_credentials")


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer before it is HTTP."""

    status: int
    body: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Party:
    """A client as Authlib asks about it (``ClientMixin``)."""

    record: OidcClient

    def get_client_id(self) -> str:
        return self.record.client_id

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in self.record.grant_types


class Payload(OAuth2Payload):  # type: ignore[misc]
    """The form of a request; names are already known to come once."""

    def __init__(self, form: Mapping[str, str]) -> None:
        self._form = dict(form)

    @property
    def data(self) -> dict[str, str]:
        return self._form

    @property
    def datalist(self) -> dict[str, list[str]]:
        return {name: [value] for name, value in self._form.items()}


class FormRequest(OAuth2Request):  # type: ignore[misc]
    """A POST as Authlib wants it. ``resources`` are the values of ``resource`` (RFC 8707)."""

    def __init__(self, uri: str, authorization: str, form: Mapping[str, str], resources: tuple[str, ...] = ()) -> None:
        super().__init__("POST", uri, headers={"Authorization": authorization})
        self.authorization, self.resources = authorization, resources
        self.payload = Payload(form)

    @property
    def form(self) -> dict[str, str]:
        data: dict[str, str] = self.payload.data
        return data


class Desk(AuthorizationServer):  # type: ignore[misc]
    """One request's server: lives as long as its transaction."""

    def __init__(self, tx: Writer, clients: Clients) -> None:
        super().__init__()
        self.tx, self._clients = tx, clients

    def authenticate_client(self, request: FormRequest, methods: object, endpoint: str = "token") -> Party:
        """Return the client by our own rules; Authlib's registry of methods is not used."""
        try:
            record, request.auth_method = self._clients.authenticate(self.tx, request.authorization, request.form)
        except InvalidClientError:
            self._clients.log_refusal(self.tx, claimed_id(request.authorization, request.form))
            raise
        if request.auth_method == "none" and endpoint == "introspection":
            raise InvalidClientError("A public client may not introspect.", status_code=401)
        return Party(record)

    def save_token(self, token: object, request: object) -> None:
        """Do nothing: the grants store what they issue."""

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Do nothing: nobody listens to Authlib's signals."""

    def create_oauth2_request(self, request: FormRequest) -> FormRequest:
        return request

    def handle_response(self, status: int, body: Any, headers: list[tuple[str, str]]) -> Reply:
        return Reply(status, dict(body), dict(headers))


class InvalidTarget(OAuth2Error):  # type: ignore[misc]
    """RFC 8707, section 2."""

    error = "invalid_target"
