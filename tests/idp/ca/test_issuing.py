"""The certificate authority: what stands in certificates, which requests are refused, and that OpenSSL agrees."""

import asyncio
import ssl
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from idp.ca.refusals import CertificateRefused
from idp.devices import DeviceRefused, Devices
from kernel.chance import SeededChance, SystemChance
from kernel.clock import SystemClock
from kernel.ports import Reader
from kernel.records.devices import DeviceKey, Proof, Trust
from kernel.records.oidc import SigningKey
from tests.idp.devices.house import ANNA, Site, leaf_of, request

SHA256 = hashes.SHA256()


async def certified(site: Site, csr: str = "", name: str = "Laptop") -> tuple[str, str]:
    """Return the id of a new device of Anna's, and the chain issued for it."""
    device = await site.devices.register_device("admin:root", ANNA.id, name)
    csr = csr or request(algorithm=SHA256)
    return device.id, await site.devices.issue_certificate("user:anna", device.id, csr)


async def test_a_certificate_says_device_and_client_and_no_more(site: Site) -> None:
    device_id, chain = await certified(site)
    leaf, issuer = x509.load_pem_x509_certificates(chain.encode())
    extension = leaf.extensions.get_extension_for_class
    leaf.verify_directly_issued_by(issuer)
    assert extension(x509.SubjectAlternativeName).value.get_values_for_type(x509.UniformResourceIdentifier) == [
        f"gatepost:device:{device_id}"
    ]
    assert list(extension(x509.ExtendedKeyUsage).value) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    assert extension(x509.BasicConstraints).value == x509.BasicConstraints(ca=False, path_length=None)
    assert leaf.serial_number.bit_length() == 128
    assert (leaf.not_valid_after_utc.timestamp() - site.clock.now()) / 86400 == site.settings.idp.certificate_days
    assert leaf.not_valid_before_utc.timestamp() == site.clock.now() - 300


async def test_an_issue_is_registered_logged_and_told(site: Site) -> None:
    device = await site.devices.register_device("admin:root", ANNA.id, "Laptop")
    issue = partial(site.devices.issue_certificate, "user:anna", device.id, request(algorithm=SHA256))
    chain, entries, changes = await site.since(issue)
    leaf = leaf_of(chain)
    issuer = leaf.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    key_id = f"{issuer.hex()}:{leaf.serial_number:x}" if issuer else ""
    key = await site.get(DeviceKey, key_id)
    assert (key.device_id, key.proof, key.not_after) == (
        *(device.id, Proof.CERTIFICATE, leaf.not_valid_after_utc.timestamp()),
    )
    assert [(e.fields["act"], e.fields["actor"], e.fields["detail"]) for e in entries] == [
        ("certificate-added", "user:anna", key_id)
    ]
    assert {change.handle for change in changes} == {f"device:{device.id}", f"credential:{key_id}"}


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (ec.generate_private_key(ec.SECP256R1()), SHA256),
        (ec.generate_private_key(ec.SECP384R1()), hashes.SHA384()),
        (ed25519.Ed25519PrivateKey.generate(), None),
        (rsa.generate_private_key(65537, 2048), SHA256),
    ],
)
async def test_these_keys_are_certified(site: Site, key: Any, algorithm: Any) -> None:
    _, chain = await certified(site, request(key, algorithm=algorithm))
    assert leaf_of(chain).public_key() == key.public_key()


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (rsa.generate_private_key(65537, 1024), SHA256),
        (ec.generate_private_key(ec.SECP521R1()), SHA256),
        (ec.generate_private_key(ec.SECP256K1()), SHA256),
        (dsa.generate_private_key(2048), SHA256),
    ],
)
async def test_these_keys_are_not(site: Site, key: Any, algorithm: Any) -> None:
    with pytest.raises(CertificateRefused, match="RSA with 2048"):
        await certified(site, request(key, algorithm=algorithm))


@pytest.mark.parametrize(
    "csr", ["", "x", "\ud800", "x" * 1_000_000, "あ", "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n"]
)
async def test_what_is_no_request_is_refused(site: Site, csr: str) -> None:
    device = await site.devices.register_device("admin:root", ANNA.id, "Laptop")
    with pytest.raises(CertificateRefused, match="signing request"):
        await site.devices.issue_certificate("user:anna", device.id, csr)


async def test_a_request_for_a_key_that_the_sender_does_not_hold_is_refused(site: Site) -> None:
    honest = x509.load_pem_x509_csr(request(algorithm=SHA256).encode())
    wanted = ec.generate_private_key(ec.SECP256R1()).public_key()
    raw = honest.public_bytes(serialization.Encoding.DER).replace(point(honest.public_key()), point(wanted))
    stolen = x509.load_der_x509_csr(raw)
    assert stolen.public_key() == wanted
    with pytest.raises(CertificateRefused, match="own key"):
        await certified(site, stolen.public_bytes(serialization.Encoding.PEM).decode())


SIGNED_OVER_SHA1 = """\
-----BEGIN CERTIFICATE REQUEST-----
MIHEMG4CAQAwDDEKMAgGA1UEAwwBeDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IA
BB0lpSq8I9VGv9MXwH3Q5t9sEjp8dWzFHJ20OzYAflGQX6LbAIXk+QdC3HYMfwEw
cCjj7Ju89e0ZVMmqCvqPMzCgADAJBgcqhkjOPQQBA0cAMEQCIE24LO/i4X3gbeHS
CIWx/ZCome7jE4u0YlHQJhCsyD0dAiB62F4GMKR7KBLiLnwu2Ec7/bNJPN2tp8vF
+YzEoQSvcg==
-----END CERTIFICATE REQUEST-----
"""
"""A request for a P-256 key, made by OpenSSL with ``-sha1``: our own library no longer makes one."""


async def test_a_request_signed_over_a_worn_out_hash_is_refused(site: Site) -> None:
    with pytest.raises(CertificateRefused, match="own key"):
        await certified(site, SIGNED_OVER_SHA1)


async def test_nothing_that_a_request_asks_for_is_granted(site: Site) -> None:
    greedy = request(
        algorithm=SHA256,
        name="root\0.example.com",
        constraints=x509.BasicConstraints(ca=True, path_length=None),
        names=x509.SubjectAlternativeName([x509.DNSName("mail.example.com"), x509.RFC822Name("ben@example.com")]),
        usage=x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CODE_SIGNING]),
    )
    device_id, chain = await certified(site, greedy, name="端末 1")
    leaf = leaf_of(chain)
    assert [each.value for each in leaf.subject] == ["端末 1"]
    assert not leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert list(leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) == [
        ExtendedKeyUsageOID.CLIENT_AUTH
    ]
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [name.value for name in names] == [f"gatepost:device:{device_id}"]


@pytest.mark.parametrize("trust", [Trust.LOST, Trust.REVOKED, Trust.EXPIRED])
async def test_a_device_that_is_out_gets_no_certificate(site: Site, trust: Trust) -> None:
    device_id, _ = await certified(site)
    await site.devices.set_trust("admin:root", device_id, trust)
    with pytest.raises(DeviceRefused, match="no certificate"):
        await site.devices.issue_certificate("user:anna", device_id, request(algorithm=SHA256))


async def test_twenty_live_certificates_are_enough_and_expired_ones_go(site: Site) -> None:
    device_id, _ = await certified(site)
    for _ in range(19):
        await site.devices.issue_certificate("user:anna", device_id, request(algorithm=SHA256))
    with pytest.raises(DeviceRefused):
        await site.devices.issue_certificate("user:anna", device_id, request(algorithm=SHA256))
    site.clock.forward(91 * 86400)
    await site.devices.issue_certificate("user:anna", device_id, request(algorithm=SHA256))
    assert await site.store.read(lambda tx: tx.count(DeviceKey, device_id=device_id)) == 1


async def test_the_authority_is_made_once_and_its_keys_are_sealed(site: Site) -> None:
    second = Devices(site.store, site.vault, site.clock, SeededChance(b"second"), site.settings)
    await asyncio.gather(second.load(), second.load())
    assert second.ca.trust_pem() == site.devices.ca.trust_pem()
    rows = await authority_rows(site)
    assert len(rows) == 3
    assert not any("PRIVATE" in repr(row) for row in rows)
    assert "PrivateKey" not in repr(second.ca._signers)


async def test_two_processes_that_start_at_once_agree(site: Site) -> None:
    await forget_authority(site)
    some = [Devices(site.store, site.vault, site.clock, SeededChance(bytes([n])), site.settings) for n in range(4)]
    await asyncio.gather(*(each.load() for each in some))
    assert len({each.ca.trust_pem() for each in some}) == 1


async def test_the_trust_file_is_written_whole(site: Site, tmp_path: Path) -> None:
    assert site.settings.device_ca.read_text() == site.devices.ca.trust_pem()
    target = tmp_path / "deep" / "ca.pem"
    site.devices.write_ca(target)
    certificates = x509.load_pem_x509_certificates(target.read_bytes())
    assert [each.extensions.get_extension_for_class(x509.BasicConstraints).value for each in certificates] == [
        x509.BasicConstraints(ca=True, path_length=1),
        x509.BasicConstraints(ca=True, path_length=0),
    ]
    assert [path.name for path in target.parent.iterdir()] == ["ca.pem"]


async def test_no_certificate_before_the_keys_are_read(site: Site) -> None:
    unloaded = Devices(site.store, site.vault, site.clock, SeededChance(), site.settings)
    with pytest.raises(RuntimeError, match="load"):
        unloaded.ca.root_pem()


@pytest.mark.parametrize(
    "name", ["", "a b", "-x.example", "x..example", "http://x", "x\0y", "x" * 64, "ja.例え", "*.*.x"]
)
async def test_odd_server_names_are_refused(site: Site, name: str) -> None:
    with pytest.raises(CertificateRefused):
        site.devices.ca.issue_server([name])
    with pytest.raises(CertificateRefused):
        site.devices.ca.issue_server([])


async def test_a_server_certificate_is_for_servers_by_its_own_issuer(site: Site) -> None:
    chain, _ = site.devices.ca.issue_server(["localhost", "*.example.com", "127.0.0.1", "::1"])
    leaf, issuer = x509.load_pem_x509_certificates(chain.encode())
    leaf.verify_directly_issued_by(issuer)
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost", "*.example.com"]
    assert names.get_values_for_type(x509.IPAddress) == [ip_address("127.0.0.1"), ip_address("::1")]
    for certificate in (leaf, issuer):
        assert list(certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) == [
            ExtendedKeyUsageOID.SERVER_AUTH
        ]
    assert issuer.subject != leaf_of((await certified(site))[1]).issuer


def point(key: Any) -> bytes:
    """Return the point of a public key as it stands in a request."""
    octets: bytes = key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    return octets


async def authority_rows(site: Site) -> list[SigningKey]:
    """Return the stored keys of the authority."""

    def work(tx: Reader) -> list[SigningKey]:
        return [row for use in ("device-root", "device-ca", "server-ca") for row in tx.find(SigningKey, use=use)]

    return await site.store.read(work)


async def forget_authority(site: Site) -> None:
    """Make the site as it was before any key was made."""
    for row in await authority_rows(site):
        await site.store.write(lambda tx, kid=row.kid: tx.take(SigningKey, kid))


class Tls:
    """A server and clients on the real clock, with certificates of one authority, talking TLS over a socket pair."""

    def __init__(self, folder: Path, devices: Devices) -> None:
        self.folder, self.devices = folder, devices

    def files(self, name: str, chain: str, key: str) -> tuple[Path, Path]:
        certificate, private = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        certificate.write_text(chain)
        private.write_text(key)
        return certificate, private

    def handshake(self, client_files: tuple[Path, Path] | None) -> bytes | None:
        """Return the client certificate (DER) that the server saw; ssl.SSLError when it refused."""
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.load_cert_chain(*self.files("server", *self.devices.ca.issue_server(["localhost"])))
        server.load_verify_locations(self.devices._settings.device_ca)
        server.verify_mode = ssl.CERT_REQUIRED
        client = ssl.create_default_context(cadata=self.devices.ca.root_pem())
        if client_files:
            client.load_cert_chain(*client_files)
        here, there = ssl.MemoryBIO(), ssl.MemoryBIO()
        ours = server.wrap_bio(here, there, server_side=True)
        theirs = client.wrap_bio(there, here, server_hostname="localhost")
        for _ in range(5):
            for side in (theirs, ours):
                try:
                    side.do_handshake()
                except ssl.SSLWantReadError:
                    continue
        return ours.getpeercert(binary_form=True)


@pytest.fixture
async def tls(site: Site, tmp_path: Path) -> Tls:
    devices = Devices(site.store, site.vault, SystemClock(), SystemChance(), site.settings)
    await forget_authority(site)
    await devices.load()
    return Tls(tmp_path, devices)


def private_pem(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


async def test_openssl_takes_a_device_certificate_for_a_client_and_we_know_the_device(tls: Tls) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    device = await tls.devices.register_device("admin:root", ANNA.id, "Laptop")
    chain = await tls.devices.issue_certificate("user:anna", device.id, request(key, algorithm=SHA256))
    seen = tls.handshake(tls.files("client", chain, private_pem(key)))
    found = await tls.devices._store.read(lambda tx: tls.devices.by_certificate(tx, seen or b""))
    assert isinstance(found, tuple)
    assert found[0].id == device.id


async def test_openssl_refuses_a_server_certificate_for_a_client(tls: Tls) -> None:
    with pytest.raises(ssl.SSLError):
        tls.handshake(tls.files("client", *tls.devices.ca.issue_server(["localhost"])))
    with pytest.raises(ssl.SSLError):
        tls.handshake(None)
