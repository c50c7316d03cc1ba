"""A key inside the TPM, through OpenSSL's tpm2 provider: what lies on the disk is of use to this one chip alone.

Every call is one short ``openssl`` command. Other programs (curl, msmtp, openssl itself) use the same file as their
key with the configuration that ``configuration`` returns, by OPENSSL_CONF.
"""

import base64
import subprocess
import tempfile
import textwrap
from pathlib import Path

from agent.keys import KeyTrouble

SECONDS = 30.0
VERSION_1, NO_ATTRIBUTES = bytes.fromhex("020100"), bytes.fromhex("a000")
ECDSA_SHA256 = bytes.fromhex("300a06082a8648ce3d040302")
"""RFC 2986 section 4.1 and RFC 5758 section 3.2, in DER."""
BY_TPM = ("-provider", "tpm2", "-provider", "default", "-propquery", "?provider=tpm2")


class TpmKeeper:
    """Keeps the key at ``path`` as the TPM's own sealed form (TSS2 PEM)."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def make(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path.touch(mode=0o600)
        self._path.chmod(0o600)
        _openssl("genpkey", "-provider", "tpm2", "-algorithm", "EC", "-pkeyopt", "group:P-256", "-out", self._path)

    def request(self) -> str:
        """Return a signing request. It is put together here: what the provider writes is no DER (its algorithm carries
        parameters that RFC 5758 section 3.2 forbids), and strict readers refuse it."""
        public = _openssl("pkey", *BY_TPM, "-in", self._path, "-pubout", "-outform", "DER")
        asked = _sequence(VERSION_1, _sequence(), public, NO_ATTRIBUTES)
        signed = _sequence(asked, ECDSA_SHA256, _tagged(0x03, b"\0" + self.sign(asked)))
        lines = textwrap.wrap(base64.b64encode(signed).decode(), 64)
        return "\n".join(("-----BEGIN CERTIFICATE REQUEST-----", *lines, "-----END CERTIFICATE REQUEST-----", ""))

    def sign(self, content: bytes) -> bytes:
        with tempfile.NamedTemporaryFile() as file:  # pkeyutl reads what it signs from a file alone
            file.write(content)
            file.flush()
            sign = ("pkeyutl", *BY_TPM, "-sign", "-inkey", self._path, "-rawin", "-digest", "sha256")
            return _openssl(*sign, "-in", file.name)


def configuration() -> str:
    """Return an openssl.cnf for programs that shall use the key: signatures by the TPM, all else by software."""
    return """openssl_conf = top
[top]
providers = providers
alg_section = algorithms
random = random
[providers]
default = by_software
tpm2 = by_tpm
[by_software]
activate = 1
[by_tpm]
activate = 1
[algorithms]
default_properties = ?provider=tpm2,tpm2.digest!=yes,tpm2.cipher!=yes
[random]
random = CTR-DRBG
cipher = AES-256-CTR
properties = provider=default
"""


def available() -> bool:
    """Say whether there is a TPM that we can use."""
    try:
        _openssl("rand", "-provider", "tpm2", "-hex", "8")
    except KeyTrouble:
        return False
    return True


def _sequence(*parts: bytes) -> bytes:
    return _tagged(0x30, b"".join(parts))


def _tagged(tag: int, content: bytes) -> bytes:
    """Return one DER value of at most 65535 octets (X.690 section 8.1)."""
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(octets))) + octets + content


def _openssl(*words: str | Path) -> bytes:
    try:
        done = subprocess.run(
            ["openssl", *map(str, words)], stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as fault:
        raise KeyTrouble(f"openssl cannot be run: {fault}") from fault
    if done.returncode:
        why = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise KeyTrouble(
            f"the TPM did not answer ({why[-1] if why else 'no reason given'}); it needs the tpm2-openssl package, "
            "a TPM 2.0, and leave to use /dev/tpmrm0 (group tss)"
        )
    return done.stdout
