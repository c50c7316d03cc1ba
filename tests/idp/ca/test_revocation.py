"""Revocation as others learn it: lists and answers about one certificate, judged by OpenSSL."""

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp
from hypothesis import given
from hypothesis import strategies as st

from idp.ca.recognising import key_id
from idp.ca.status import respond
from kernel.chance import SystemChance
from kernel.clock import SystemClock
from kernel.records.devices import RevokedCertificate, Trust
from tests.idp.ca.openssl import openssl, written
from tests.idp.ca.test_issuing import forget_authority
from tests.idp.devices.house import ANNA, Site, request


class Checked:
    """A device of Anna's on the real clock (OpenSSL has no other), its certificate, and OpenSSL's view of it."""

    def __init__(self, site: Site, folder: Path, device_id: str, chain: str) -> None:
        self.site, self.folder, self.device_id = site, folder, device_id
        self.leaf, self.issuer = x509.load_pem_x509_certificates(chain.encode())
        self.name = key_id(self.leaf)
        self.kid = self.name.partition(":")[0]
        self.leaf_file = written(folder / "leaf.pem", chain)
        self.issuer_file = written(folder / "issuer.pem", chain[chain.rindex("-----BEGIN") :])
        self.trust_file = written(folder / "trust.pem", site.devices.ca.trust_pem())

    async def listed(self) -> x509.CertificateRevocationList:
        found = await self.site.store.read(lambda tx: self.site.devices.ca.revocation_list(tx, self.kid))
        assert found
        return x509.load_der_x509_crl(found)

    async def verified(self) -> str:
        """Return what ``openssl verify`` says of the certificate with the present list."""
        made = await self.site.store.read(lambda tx: self.site.devices.ca.revocation_list(tx, self.kid))
        crl = written(self.folder / "list.crl", made or b"")
        return openssl(
            *("verify", "-crl_check", "-CAfile", self.trust_file, "-CRLfile", crl, "-purpose", "sslclient"),
            self.leaf_file,
        )

    async def asked(self, digest: str = "-sha256") -> str:
        """Return what ``openssl ocsp`` makes of our answer to its own question."""
        question, answer = self.folder / "question", self.folder / "answer"
        about = ("-issuer", self.issuer_file, digest, "-cert", self.leaf_file)
        openssl("ocsp", *about, "-reqout", question)
        told = await self.site.store.read(lambda tx: self.site.devices.ca.respond(tx, question.read_bytes()))
        written(answer, told)
        return openssl("ocsp", *about, "-no_nonce", "-respin", answer, "-CAfile", self.trust_file, "-resp_text")


@pytest.fixture
async def checked(site: Site, tmp_path: Path) -> Checked:
    site.devices._clock, site.devices._chance = SystemClock(), SystemChance()
    await forget_authority(site)
    await site.devices.load()
    device = await site.devices.register_device("admin:root", ANNA.id, "Laptop")
    chain = await site.devices.issue_certificate("user:anna", device.id, request(algorithm=hashes.SHA256()))
    return Checked(site, tmp_path, device.id, chain)


async def test_the_certificate_says_where_to_ask(checked: Checked) -> None:
    extension = checked.leaf.extensions.get_extension_for_class
    places = [each.access_location.value for each in extension(x509.AuthorityInformationAccess).value]
    points = extension(x509.CRLDistributionPoints).value
    assert places == [
        "https://id.example.com:8443/ca/ocsp",
        f"https://id.example.com:8443/ca/{checked.kid}.cer",
    ]
    assert [name.value for point in points for name in point.full_name or ()] == [
        f"https://id.example.com:8443/ca/{checked.kid}.crl"
    ]


async def test_openssl_takes_a_good_certificate_with_list_and_answer(checked: Checked) -> None:
    assert "leaf.pem: OK" in await checked.verified()
    told = await checked.asked()
    assert "Response verify OK" in told
    assert "leaf.pem: good" in told
    assert "leaf.pem: good" in await checked.asked("-sha1")


@pytest.mark.parametrize(
    ("trust", "reason"),
    [
        (Trust.LOST, "certificateHold"),
        (Trust.REVOKED, "cessationOfOperation"),
        (Trust.EXPIRED, "cessationOfOperation"),
    ],
)
async def test_openssl_refuses_one_of_a_device_that_is_out(checked: Checked, trust: Trust, reason: str) -> None:
    await checked.site.devices.set_trust("admin:root", checked.device_id, trust)
    assert "certificate revoked" in await checked.verified()
    told = await checked.asked()
    assert "Response verify OK" in told
    assert "leaf.pem: revoked" in told
    assert f"Reason: {reason}" in told


async def test_a_device_found_again_is_off_the_list(checked: Checked) -> None:
    await checked.site.devices.set_trust("admin:root", checked.device_id, Trust.LOST)
    await checked.site.devices.set_trust("admin:root", checked.device_id, Trust.ENROLLED)
    assert "leaf.pem: OK" in await checked.verified()
    assert "leaf.pem: good" in await checked.asked()


async def test_a_removed_device_stays_on_the_list_until_its_certificate_would_have_expired(checked: Checked) -> None:
    await checked.site.devices.remove("admin:root", checked.device_id)
    assert [each.serial_number for each in await checked.listed()] == [checked.leaf.serial_number]
    assert "leaf.pem: revoked" in await checked.asked()


async def test_a_list_is_numbered_upwards_and_names_its_signer(checked: Checked) -> None:
    first = await checked.listed()
    number = first.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
    again = await checked.listed()
    assert again.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number >= number
    assert first.issuer == checked.issuer.subject
    assert first.is_signature_valid(checked.issuer.public_key())  # type: ignore[arg-type]


async def test_of_another_issuer_there_is_no_list(checked: Checked) -> None:
    assert await checked.site.store.read(lambda tx: checked.site.devices.ca.revocation_list(tx, "00")) is None


async def test_a_number_that_we_never_issued_is_unknown(checked: Checked) -> None:
    asked = ocsp.OCSPRequestBuilder().add_certificate_by_hash(
        *_hashes(checked.leaf, checked.issuer), 4711, hashes.SHA256()
    )
    told = await _asked(checked, asked.build())
    assert told.certificate_status is ocsp.OCSPCertStatus.UNKNOWN


async def test_the_nonce_comes_back_and_an_odd_one_does_not(checked: Checked) -> None:
    for nonce, kept in ((b"n" * 32, True), (b"n" * 200, False)):
        builder = ocsp.OCSPRequestBuilder().add_certificate(checked.leaf, checked.issuer, hashes.SHA256())
        told = await _asked(checked, builder.add_extension(x509.OCSPNonce(nonce), critical=False).build())
        assert [each.value.nonce for each in told.extensions if isinstance(each.value, x509.OCSPNonce)] == [
            nonce
        ] * kept


async def test_an_issuer_of_others_is_none_of_ours(checked: Checked) -> None:
    name, _ = _hashes(checked.leaf, checked.issuer)
    asked = ocsp.OCSPRequestBuilder().add_certificate_by_hash(name, b"\0" * 32, 1, hashes.SHA256())
    told = await _asked(checked, asked.build())
    assert told.response_status is ocsp.OCSPResponseStatus.UNAUTHORIZED


@given(st.binary(max_size=200))
def test_whatever_a_stranger_sends_is_answered(asked: bytes) -> None:
    told = ocsp.load_der_ocsp_response(respond(None, (), asked, 1.8e9))  # type: ignore[arg-type]
    assert told.response_status in (
        ocsp.OCSPResponseStatus.MALFORMED_REQUEST,
        ocsp.OCSPResponseStatus.UNAUTHORIZED,
    )


async def test_rows_of_expired_certificates_go(checked: Checked) -> None:
    await checked.site.put(RevokedCertificate("aa:01", 1.0, "unspecified", 2.0))
    await checked.site.devices.set_trust("admin:root", checked.device_id, Trust.REVOKED)
    assert await checked.site.get(RevokedCertificate, "aa:01") is None


def _hashes(leaf: x509.Certificate, issuer: x509.Certificate) -> tuple[bytes, bytes]:
    built = ocsp.OCSPRequestBuilder().add_certificate(leaf, issuer, hashes.SHA256()).build()
    return built.issuer_name_hash, built.issuer_key_hash


async def _asked(checked: Checked, asked: ocsp.OCSPRequest) -> ocsp.OCSPResponse:
    octets = asked.public_bytes(serialization.Encoding.DER)
    told = await checked.site.store.read(lambda tx: checked.site.devices.ca.respond(tx, octets))
    return ocsp.load_der_ocsp_response(told)
