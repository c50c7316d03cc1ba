"""A client of SCRAM-SHA-256 (RFC 5802) of our own, for tests: written from the RFC, not from the server's side."""

import base64
import hashlib
import hmac


class ScramClient:
    """Give ``first``, hand the server's answer to ``final``, and its last word to ``trusts``."""

    def __init__(self, name: str, secret: str, nonce: str = "fyko+d2lbbFgONRv9qkxdawL", gs2: str = "n,,") -> None:
        self._secret, self._gs2, self._nonce = secret, gs2, nonce
        self._bare = f"n={name.replace('=', '=3D').replace(',', '=2C')},r={nonce}"
        self._signature = b""

    @property
    def first(self) -> bytes:
        return f"{self._gs2}{self._bare}".encode()

    def final(self, challenge: bytes) -> bytes:
        fields = dict(field.split("=", 1) for field in challenge.decode().split(","))
        assert fields["r"].startswith(self._nonce) and len(fields["r"]) >= len(self._nonce) + 18
        assert int(fields["i"]) >= 4096
        salted = hashlib.pbkdf2_hmac("sha256", self._secret.encode(), base64.b64decode(fields["s"]), int(fields["i"]))
        bound = base64.b64encode(self._gs2.encode()).decode()
        closing = f"c={bound},r={fields['r']}"
        said = f"{self._bare},{challenge.decode()},{closing}".encode()
        key = hmac.digest(salted, b"Client Key", "sha256")
        mask = hmac.digest(hashlib.sha256(key).digest(), said, "sha256")
        self._signature = hmac.digest(hmac.digest(salted, b"Server Key", "sha256"), said, "sha256")
        proof = base64.b64encode(bytes(one ^ other for one, other in zip(key, mask, strict=True))).decode()
        return f"{closing},p={proof}".encode()

    def trusts(self, last: bytes) -> bool:
        return last == b"v=" + base64.b64encode(self._signature)
