"""A client of the demo's provider that is nothing but HTTP: the token endpoint and its neighbours, by ``demo.json``."""

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.e2e.browser import authorization_url
from tests.e2e.demo import Demo

PATIENCE = 15.0


@dataclass
class Tokens:
    """The client ``client_id`` of ``demo.json``, with one PKCE verifier."""

    demo: Demo
    client_id: str = "demo"
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))

    @property
    def facts(self) -> dict[str, Any]:
        clients: list[dict[str, Any]] = self.demo.facts["oidc_clients"]
        return next(client for client in clients if client["client_id"] == self.client_id)

    @property
    def redirect_uri(self) -> str:
        return str(self.facts["redirect_uris"][0])

    def authorization_url(self, scope: str, **more: str) -> str:
        """Return where to send a browser."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).decode().rstrip("=")
        return authorization_url(
            self.demo,
            client_id=self.client_id,
            redirect_uri=self.redirect_uri,
            response_type="code",
            scope=scope,
            state=secrets.token_urlsafe(16),
            code_challenge=challenge,
            code_challenge_method="S256",
            **more,
        )

    def redeem(self, code: str) -> tuple[int, dict[str, Any]]:
        """Trade a code for tokens."""
        return self.ask(
            "token",
            grant_type="authorization_code",
            code=code,
            redirect_uri=self.redirect_uri,
            code_verifier=self.verifier,
        )

    def refresh(self, token: str) -> tuple[int, dict[str, Any]]:
        """Trade a refresh token for fresh tokens."""
        return self.ask("token", grant_type="refresh_token", refresh_token=token)

    def active(self, token: str) -> bool:
        """Ask the introspection endpoint whether a token lives."""
        status, told = self.ask("introspect", token=token)
        assert status == 200, told
        return bool(told["active"])

    def ask(self, endpoint: str, **form: str) -> tuple[int, dict[str, Any]]:
        """Post a form as this client; return status and answer."""
        secret = str(self.facts["client_secret"])
        with httpx.Client(verify=self.demo.trust(), timeout=PATIENCE) as client:
            answer = client.post(f"{self.demo.issuer}/oauth2/{endpoint}", data=form, auth=(self.client_id, secret))
        return answer.status_code, answer.json()
