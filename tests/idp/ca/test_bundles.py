"""Files for phones and SSH: PKCS #12, Apple's profiles, SSH certificates; opened by OpenSSL and ssh-keygen."""

import plistlib
import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from idp.ca.bundles import MailAccount, new_key, pkcs12_file, profile, signed, signing_request
from idp.ca.refusals import CertificateRefused
from idp.ca.ssh import SshAuthority
from kernel.chance import SystemChance
from kernel.clock import SystemClock
from tests.idp.ca.openssl import openssl, written
from tests.idp.devices.house import ANNA, Site, leaf_of

ACCOUNT = MailAccount("Anna", "anna@example.com", ("mail.example.com", 993), ("mail.example.com", 465))


async def identity(site: Site, passphrase: str = "correct horse") -> tuple[str, bytes, str]:
    """Return a phone's id, its PKCS #12 file and its chain."""
    key = new_key()
    device = await site.devices.register_device("admin:root", ANNA.id, "Phone", kind="phone")
    chain = await site.devices.issue_certificate("user:anna", device.id, signing_request(key))
    return device.id, pkcs12_file(key, chain, "Phone", passphrase), chain


async def test_openssl_opens_the_file_with_the_passphrase_alone(site: Site, tmp_path: Path) -> None:
    _, content, chain = await identity(site)
    file = written(tmp_path / "phone.p12", content)
    opened = openssl("pkcs12", "-in", file, "-passin", "pass:correct horse", "-nodes")
    assert "BEGIN PRIVATE KEY" in opened
    assert opened.count("BEGIN CERTIFICATE") == 2
    assert "invalid password" in openssl("pkcs12", "-in", file, "-passin", "pass:guess", "-nodes")
    info = openssl("pkcs12", "-in", file, "-passin", "pass:correct horse", "-info", "-noout")
    assert "AES-256-CBC" in info
    assert leaf_of(chain).serial_number in [
        each.certificate.serial_number
        for each in [pkcs12.load_pkcs12(content, b"correct horse").cert]
        if each is not None
    ]


def test_a_short_passphrase_guards_no_key() -> None:
    with pytest.raises(CertificateRefused, match="at least 8"):
        pkcs12_file(new_key(), "", "Phone", "short")


async def test_a_profile_carries_root_identity_and_mail_and_no_secret(site: Site) -> None:
    device_id, content, _ = await identity(site)
    root = x509.load_pem_x509_certificate(site.devices.ca.root_pem().encode())
    made = profile("Example", device_id, "Phone", content, root, ACCOUNT)
    told = plistlib.loads(made)
    kinds = [each["PayloadType"] for each in told["PayloadContent"]]
    assert kinds == ["com.apple.security.root", "com.apple.security.pkcs12", "com.apple.mail.managed"]
    assert told["PayloadContent"][1]["PayloadContent"] == content
    assert told["PayloadContent"][2]["IncomingMailServerHostName"] == "mail.example.com"
    assert not [name for each in told["PayloadContent"] for name in each if name == "Password"]
    again = plistlib.loads(profile("Example", device_id, "Phone", content, root, None))
    assert again["PayloadUUID"] == told["PayloadUUID"]  # installed again, it replaces itself


async def test_openssl_verifies_the_signature_of_a_profile(site: Site, tmp_path: Path) -> None:
    chain, key = site.devices.ca.issue_server(["id.example.com"])
    file = written(tmp_path / "signed", signed(b"content of a profile", chain, key))
    root = written(tmp_path / "root.pem", site.devices.ca.root_pem())
    verify = ("cms", "-verify", "-inform", "DER", "-CAfile", root, "-purpose", "any", "-no_check_time")
    told = openssl(*verify, "-in", file)
    assert "content of a profile" in told
    assert "successful" in told
    octets = bytearray(file.read_bytes())
    octets[octets.index(b"content of") + 1] ^= 1
    assert "successful" not in openssl(*verify, "-in", written(file, bytes(octets)))


def line_of(key: ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> str:
    return key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH).decode()


async def test_ssh_keygen_reads_the_certificate(site: Site, tmp_path: Path) -> None:
    authority = SshAuthority(site.store, site.vault, SystemClock(), SystemChance())
    device = await site.devices.register_device("admin:root", ANNA.id, "Laptop")
    line = await authority.certify(ANNA, device, line_of(ed25519.Ed25519PrivateKey.generate()), 3600)
    file = written(tmp_path / "key-cert.pub", line + "\n")
    told = subprocess.run(["ssh-keygen", "-L", "-f", file], capture_output=True, timeout=20, check=True).stdout.decode()
    signer = await authority.public_line()
    print_of = subprocess.run(
        ["ssh-keygen", "-l", "-f", written(tmp_path / "ca.pub", signer + "\n")],
        capture_output=True,
        timeout=20,
        check=True,
    )
    assert "user certificate" in told
    assert f'Key ID: "anna {device.id}"' in told
    assert "Principals: \n                anna\n" in told
    assert print_of.stdout.decode().split()[1] in told


@pytest.mark.parametrize("line", ["", "nonsense", "ssh-ed25519 AAAA", "x" * 10_000])
async def test_what_is_no_ssh_key_is_refused(site: Site, line: str) -> None:
    authority = SshAuthority(site.store, site.vault, site.clock, SystemChance())
    device = await site.devices.register_device("admin:root", ANNA.id, "Laptop")
    with pytest.raises(CertificateRefused, match="SSH public key"):
        await authority.certify(ANNA, device, line, 3600)


async def test_weak_ssh_keys_are_refused_and_a_certificate_lasts_a_day_at_most(site: Site) -> None:
    authority = SshAuthority(site.store, site.vault, site.clock, SystemChance())
    device = await site.devices.register_device("admin:root", ANNA.id, "Laptop")
    with pytest.raises(CertificateRefused):
        await authority.certify(ANNA, device, line_of(rsa.generate_private_key(65537, 1024)), 3600)
    good = line_of(ec.generate_private_key(ec.SECP256R1()))
    made = serialization.load_ssh_public_identity((await authority.certify(ANNA, device, good, 1e9)).encode())
    assert isinstance(made, serialization.SSHCertificate)
    assert made.valid_before == site.clock.now() + 24 * 3600
