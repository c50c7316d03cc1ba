"""Client certificates that must find no device (attack D10), and those that must find theirs."""

from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given
from hypothesis import strategies as st

from idp.ca.recognising import by_certificate, key_id
from kernel.reasons import Reason
from kernel.records.devices import Device, DeviceKey, Proof, Trust
from tests.idp.devices.house import ANNA, BEN, Site, der, forge, leaf_of, request

CLIENT = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])


async def issued(site: Site) -> tuple[Device, x509.Certificate, x509.Certificate]:
    """Return a device of Anna's, its certificate, and the certificate's issuer."""
    device = await site.devices.register_device("admin:root", ANNA.id, "Laptop")
    chain = await site.devices.issue_certificate("user:anna", device.id, request(algorithm=hashes.SHA256()))
    leaf, issuer = x509.load_pem_x509_certificates(chain.encode())
    return device, leaf, issuer


async def found(site: Site, presented: bytes) -> tuple[Device, DeviceKey] | Reason:
    return await site.store.read(lambda tx: site.devices.by_certificate(tx, presented))


def issuer_key_id(certificate: x509.Certificate) -> bytes:
    value = certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    assert value
    return value


async def test_a_certificate_of_ours_finds_its_device(site: Site) -> None:
    device, leaf, _ = await issued(site)
    result = await found(site, der(leaf))
    assert isinstance(result, tuple)
    assert (result[0], result[1].id) == (device, key_id(leaf))


async def test_a_lost_device_is_found_for_the_policy_to_refuse(site: Site) -> None:
    device, leaf, _ = await issued(site)
    await site.devices.set_trust("admin:root", device.id, Trust.LOST)
    result = await found(site, der(leaf))
    assert isinstance(result, tuple)
    assert result[0].trust is Trust.LOST


async def test_a_name_inside_means_nothing(site: Site) -> None:
    _, leaf, issuer = await issued(site)
    san = x509.SubjectAlternativeName(
        [x509.RFC822Name(BEN.email), x509.UniformResourceIdentifier("gatepost:device:d_1")]
    )
    stranger = ec.generate_private_key(ec.SECP256R1())
    pretender = forge(issuer.subject, stranger, issuer_key_id(leaf), 4711, ANNA.name, extensions=[CLIENT, san])
    assert await found(site, der(pretender)) is Reason.CREDENTIALS


async def test_another_authority_of_the_same_name_and_a_serial_of_ours_finds_nothing(site: Site) -> None:
    _, leaf, issuer = await issued(site)
    stranger = ec.generate_private_key(ec.SECP256R1())
    forged = forge(issuer.subject, stranger, issuer_key_id(leaf), leaf.serial_number, "Laptop", extensions=[CLIENT])
    assert key_id(forged) == key_id(leaf)
    assert await found(site, der(forged)) is Reason.CREDENTIALS


async def test_a_certificate_of_our_own_issuer_that_the_registry_does_not_know_finds_nothing(site: Site) -> None:
    _, leaf, issuer = await issued(site)
    signer = site.devices.ca._signers.devices.key
    unknown = forge(issuer.subject, signer, issuer_key_id(leaf), 4711, extensions=[CLIENT])
    assert await found(site, der(unknown)) is Reason.CREDENTIALS


@pytest.mark.parametrize(("days", "reason"), [(91, Reason.CREDENTIAL_REVOKED), (-1, Reason.CREDENTIALS)])
async def test_out_of_its_time_it_finds_nothing(site: Site, days: int, reason: Reason) -> None:
    _, leaf, _ = await issued(site)
    site.clock.forward(days * 86400)
    assert await found(site, der(leaf)) is reason


async def test_it_holds_to_the_second(site: Site) -> None:
    _, leaf, _ = await issued(site)
    site.clock.at = leaf.not_valid_after_utc.timestamp() - 1
    assert isinstance(await found(site, der(leaf)), tuple)
    site.clock.forward(1)
    assert await found(site, der(leaf)) is Reason.CREDENTIAL_REVOKED


@pytest.mark.parametrize(
    "extensions", [[], [x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])]], ids=["no usage", "server only"]
)
async def test_without_client_authentication_it_finds_nothing_even_when_registered(
    site: Site, extensions: list[Any]
) -> None:
    device, leaf, issuer = await issued(site)
    signer = site.devices.ca._signers.devices.key
    odd = forge(issuer.subject, signer, issuer_key_id(leaf), 4711, at=site.clock.now(), extensions=extensions)
    pem = odd.public_bytes(serialization.Encoding.PEM).decode()
    await site.put(DeviceKey(key_id(odd), device.id, Proof.CERTIFICATE, pem, 0.0))
    assert await found(site, der(odd)) is Reason.CREDENTIALS


async def test_an_authority_or_a_chain_is_no_leaf(site: Site) -> None:
    _, leaf, issuer = await issued(site)
    root = leaf_of(site.devices.ca.root_pem())
    server = leaf_of(site.devices.ca.issue_server(["localhost"])[0])
    for presented in (der(issuer), der(root), der(server), der(leaf) + der(issuer), der(leaf) + b"\0"):
        assert await found(site, presented) is Reason.CREDENTIALS


@pytest.mark.parametrize("name", ["anna\0.example.com", "anna\n", "anna\r\nben", "\u202eanna"])
async def test_an_odd_name_is_a_plain_failure(site: Site, name: str) -> None:
    _, leaf, issuer = await issued(site)
    stranger = ec.generate_private_key(ec.SECP256R1())
    odd = forge(issuer.subject, stranger, issuer_key_id(leaf), leaf.serial_number, name, extensions=[CLIENT])
    assert await found(site, der(odd)) is Reason.CREDENTIALS


async def test_one_flipped_bit_finds_nothing(site: Site) -> None:
    _, leaf, _ = await issued(site)
    good = der(leaf)
    for place in (20, len(good) // 2, len(good) - 1):
        flipped = bytearray(good)
        flipped[place] ^= 1
        assert await found(site, bytes(flipped)) is Reason.CREDENTIALS


@pytest.mark.parametrize("fate", ["revoked", "removed", "device gone", "browser key"])
async def test_a_registration_that_no_longer_counts_is_refused(site: Site, fate: str) -> None:
    device, leaf, _ = await issued(site)
    stored = await site.get(DeviceKey, key_id(leaf))
    if fate == "removed":
        await site.devices.remove("admin:root", device.id)
    elif fate == "device gone":
        await site.store.write(lambda tx: tx.take(Device, device.id))
    else:
        proof = Proof.BROWSER_KEY if fate == "browser key" else Proof.CERTIFICATE
        await site.put(DeviceKey(stored.id, device.id, proof, stored.public, 0.0, revoked=fate == "revoked"))
    expected = Reason.CREDENTIAL_REVOKED if fate in ("revoked", "device gone") else Reason.CREDENTIALS
    assert await found(site, der(leaf)) is expected


class Nothing:
    """A store with nothing in it."""

    def get(self, kind: type[Any], key: str) -> None:
        return None


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_without_a_fault(presented: bytes) -> None:
    assert by_certificate(Nothing(), presented, 0.0) is Reason.CREDENTIALS  # type: ignore[arg-type]


async def test_cut_and_overlong_bytes_are_refused(site: Site) -> None:
    _, leaf, _ = await issued(site)
    good = der(leaf)
    for size in range(len(good)):
        assert by_certificate(Nothing(), good[:size], 0.0) is Reason.CREDENTIALS  # type: ignore[arg-type]
    assert await found(site, good + b"\0" * 100_000) is Reason.CREDENTIALS
