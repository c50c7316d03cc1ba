"""A person at the demo's pages without a browser: forms over HTTPS, and a key that answers as the script does."""

import base64
import hashlib
import json
import re
import secrets
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import parse_qs, urlsplit

import httpx
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from tests.e2e.demo import Demo, Person

PATIENCE = 20.0


@dataclass
class Visitor:
    """One person with one browser. ``page`` is where it stands; ``said`` is every secret that it ever sent or got."""

    demo: Demo
    person: Person
    said: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        headers = {"Accept": "text/html", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
        trust, issuer = self.demo.trust(), self.demo.issuer
        self.client = httpx.Client(verify=trust, base_url=issuer, timeout=PATIENCE, headers=headers)
        self.page = httpx.Response(204)
        self.key = ec.generate_private_key(ec.SECP256R1())

    def open(self, address: str) -> httpx.Response:
        """Go somewhere and follow wherever that leads, to the webmail too."""
        self.page = self.client.get(address)
        return self._follow()

    def send(self, action: str, **fields: str) -> httpx.Response:
        """Send a form of the present page."""
        held = {"csrf": self.hidden("csrf"), "to": self.hidden("to"), **fields}
        self.page = self.client.post(action, data=held, headers={"Origin": self.demo.issuer})
        return self._follow()

    def _follow(self) -> httpx.Response:
        for _ in range(12):
            if self.page.next_request is None or self.page.next_request.url.host != "localhost":
                break
            if self.page.next_request.url.port == 9876:
                break
            self.page = self.client.send(self.page.next_request)
            ticket = parse_qs(urlsplit(str(self.page.request.url)).query).get("ticket")
            if ticket:
                self.said["ticket"] = ticket[0]
        return self.page

    def hidden(self, name: str) -> str:
        found = re.search(rf'name="{name}" value="([^"]*)"', self.page.text)
        return unescape(found[1]) if found else ""

    def show_password(self, password: str = "", to: str = "/portal") -> httpx.Response:
        self.open(f"/signin?to={to}")
        return self.send("/signin/password", name=self.person.name, password=password or self.person.password)

    def sign_in(self, to: str = "/portal") -> httpx.Response:
        """Show password and code; end at the offer to register this browser."""
        self.show_password(to=to)
        return self.send("/signin/code", code=self.demo.code(self.person))

    def register(self, name: str = "Test browser") -> httpx.Response:
        """Register this browser where it is offered."""
        found = re.search(r'data-challenge="([^"]+)"', self.page.text)
        assert found, self.page.text[:500]
        self.said["proof"] = self._answer(found[1])
        return self.send(
            "/signin/device/register", name=name, platform="linux", jwk=self._jwk(), proof=self.said["proof"]
        )

    def cookie(self, name: str) -> str:
        return next((cookie.value or "" for cookie in self.client.cookies.jar if cookie.name == name), "")

    def code_for(self, client_id: str, redirect_uri: str, scope: str, verifier: str) -> str:
        """Have the provider give a code to a client."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        asked = {
            "client_id": client_id,
            "redirect_uri": redirect_uri,
            "response_type": "code",
            "scope": scope,
            "state": secrets.token_urlsafe(8),
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        self.page = self.client.get("/oauth2/authorize", params=asked)
        self._follow()
        return parse_qs(urlsplit(self.page.headers["location"]).query)["code"][0]

    def _jwk(self) -> str:
        point = self.key.public_key().public_numbers()
        x, y = (_text(each.to_bytes(32, "big")) for each in (point.x, point.y))
        return json.dumps({"crv": "P-256", "kty": "EC", "x": x, "y": y}, separators=(",", ":"))

    def _answer(self, challenge: str) -> str:
        thumbprint = _text(hashlib.sha256(self._jwk().encode()).digest())
        header = {"alg": "ES256", "typ": "gatepost-proof+jwt", "kid": thumbprint}
        said = {"challenge": challenge, "origin": self.demo.issuer, "purpose": "sign-in", "iat": 1}
        text = ".".join(_text(json.dumps(part).encode()) for part in (header, said))
        r, s = decode_dss_signature(self.key.sign(text.encode(), ec.ECDSA(SHA256())))
        return f"{text}.{_text(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def _text(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()
