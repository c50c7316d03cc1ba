"""Signs what a stream is told as a security event token (RFC 8417), ES256, by a key of our published JWK set."""

import json
from typing import Any

from idp.oidc.keys import Keys
from idp.signals.sets import TYPE
from kernel.records.signals import SignalNotice, SignalStream


class Signer:
    """Signs for ``issuer``."""

    def __init__(self, keys: Keys, issuer: str) -> None:
        self._keys, self._issuer = keys, issuer

    def token(self, stream: SignalStream, notice: SignalNotice) -> str:
        """Return the token of a notice: the same identifier and time whenever it is sent again."""
        claims: dict[str, Any] = {
            "iss": self._issuer,
            "aud": stream.client_id,
            "iat": int(notice.created_at),
            "jti": notice.id,
            **json.loads(notice.claims),
        }
        return self._keys.sign(claims, use="oidc", alg="ES256", typ=TYPE)
