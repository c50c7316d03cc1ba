"""A new key for device certificates, and a root key that is kept elsewhere."""

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from idp.ca.refusals import CertificateRefused
from idp.ca.rotation import Rotation
from idp.devices import Devices
from kernel.chance import SeededChance
from kernel.records.devices import Trust
from tests.idp.devices.house import ANNA, Site, der, request

PASSPHRASE = "a long one, kept in a safe"


@pytest.fixture
def rotation(site: Site) -> Rotation:
    return Rotation(site.store, site.vault, site.clock, SeededChance(b"rotation"), "Example")


async def certified(site: Site, devices: Devices | None = None) -> tuple[str, x509.Certificate, x509.Certificate]:
    desk = devices or site.devices
    device = await desk.register_device("admin:root", ANNA.id, "Laptop")
    chain = await desk.issue_certificate("user:anna", device.id, request(algorithm=hashes.SHA256()))
    leaf, issuer = x509.load_pem_x509_certificates(chain.encode())
    return device.id, leaf, issuer


async def test_after_a_rotation_both_keys_certificates_count(site: Site, rotation: Rotation) -> None:
    old_device, old_leaf, old_issuer = await certified(site)
    site.clock.forward(60)
    made, entries, _ = await site.since(lambda: rotation.rotate("admin:root"))
    await site.devices.load()
    new_device, new_leaf, new_issuer = await certified(site)
    assert new_issuer == made.certificate != old_issuer
    assert [entry.fields["act"] for entry in entries] == ["devices-rotated"]
    trusted = x509.load_pem_x509_certificates(site.settings.device_ca.read_bytes())
    assert trusted[1:] == [new_issuer, old_issuer]
    for leaf, device_id in ((old_leaf, old_device), (new_leaf, new_device)):
        found = await site.store.read(lambda tx, leaf=leaf: site.devices.by_certificate(tx, der(leaf)))
        assert isinstance(found, tuple)
        assert found[0].id == device_id


async def test_the_earlier_issuer_still_signs_its_revocation_list(site: Site, rotation: Rotation) -> None:
    device_id, leaf, issuer = await certified(site)
    site.clock.forward(60)
    await rotation.rotate("admin:root")
    await site.devices.load()
    await site.devices.set_trust("admin:root", device_id, Trust.REVOKED)
    kid = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest.hex()
    made = await site.store.read(lambda tx: site.devices.ca.revocation_list(tx, kid))
    crl = x509.load_der_x509_crl(made or b"")
    assert [each.serial_number for each in crl] == [leaf.serial_number]
    assert crl.is_signature_valid(issuer.public_key())  # type: ignore[arg-type]


async def test_the_root_key_leaves_and_comes_back_for_a_rotation(site: Site, rotation: Rotation) -> None:
    carried = await rotation.export_root(PASSPHRASE)
    await rotation.forget_root("admin:root")
    await site.devices.load()
    assert site.devices.ca._signers.root_key is None
    await certified(site)  # day to day, nothing is missing
    with pytest.raises(CertificateRefused, match="not kept here"):
        await rotation.rotate("admin:root")
    with pytest.raises(CertificateRefused, match="not kept here"):
        await rotation.export_root(PASSPHRASE)
    made = await rotation.rotate("admin:root", carried, PASSPHRASE)
    made.certificate.verify_directly_issued_by(site.devices.ca._signers.root)


@pytest.mark.parametrize("passphrase", ["", "wrong but long enough"])
async def test_a_wrong_passphrase_or_a_foreign_root_is_refused(site: Site, rotation: Rotation, passphrase: str) -> None:
    carried = await rotation.export_root(PASSPHRASE)
    with pytest.raises(CertificateRefused, match="does not hold the root key"):
        await rotation.rotate("admin:root", carried, passphrase)
    foreign = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    for content in (foreign, b"nonsense"):
        with pytest.raises(CertificateRefused, match="does not hold the root key"):
            await rotation.rotate("admin:root", content)


async def test_a_short_passphrase_guards_no_root(rotation: Rotation) -> None:
    with pytest.raises(CertificateRefused, match="at least 12"):
        await rotation.export_root("short")


async def test_the_exported_file_holds_no_key_in_the_clear(rotation: Rotation, tmp_path: Path) -> None:
    carried = await rotation.export_root(PASSPHRASE)
    assert b"BEGIN ENCRYPTED PRIVATE KEY" in carried
    assert b"BEGIN PRIVATE KEY" not in carried
