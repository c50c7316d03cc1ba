"""An agent as a test drives it: a key, a certificate by a one-time code, signed reports."""

import json
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jws
from joserfc.jwk import ECKey

from idp.ca.recognising import key_id
from tests.idp.devices.house import ANNA, ORIGIN, Site, leaf_of, request


@dataclass
class Agent:
    """Reports for one device."""

    site: Site
    device_id: str = ""
    name: str = ""
    counter: int = 0
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    async def enrol(self, name: str = "Laptop") -> "Agent":
        code = await self.site.devices.invite("admin:root", ANNA.id, name, "debian")
        made = await self.site.devices.enrol(code, request(self.key, algorithm=hashes.SHA256()))
        assert made
        self.device_id, self.name = made[0].id, key_id(leaf_of(made[1]))
        return self

    def sign(self, nonce: str, signals: object, /, **changes: Any) -> str:
        """Return a report with the next counter; ``changes`` replace header or payload fields, None leaves one out."""
        self.counter += 1
        header: dict[str, Any] = {"alg": "ES256", "typ": "gatepost-report+jwt", "kid": self.name}
        payload: dict[str, Any] = {"aud": ORIGIN, "nonce": nonce, "counter": self.counter, "signals": signals}
        header |= {name: value for name, value in changes.items() if name in header}
        payload |= {name: value for name, value in changes.items() if name not in header}
        kept = {name: value for name, value in payload.items() if value is not None}
        private = self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return jws.serialize_compact(
            header, json.dumps(kept), ECKey.import_key(private), algorithms=["ES256", "ES384", "HS256"]
        )
