"""The certificate authority as the tools of others see it: EST by curl, revocation by curl and OpenSSL, at the demo."""

import base64
import subprocess
from pathlib import Path

import pytest

from tests.e2e.demo import Demo
from tests.idp.ca.openssl import openssl, written

pytestmark = pytest.mark.e2e
PATIENCE = 30.0


class Station:
    """A machine with curl and openssl, and a folder of its own."""

    def __init__(self, demo: Demo, folder: Path) -> None:
        self.demo, self.folder = demo, folder

    def curl(self, *words: str | Path) -> bytes:
        argv = ["curl", "--silent", "--show-error", "--cacert", self.demo.ca, *words]
        return subprocess.run([*map(str, argv)], capture_output=True, timeout=PATIENCE, check=True).stdout

    def request(self, name: str) -> tuple[Path, Path]:
        """Make a key and a signing request; return the files of both, the request in EST's bare base64."""
        key, pem, bare = (self.folder / f"{name}.{ending}" for ending in ("key", "csr", "b64"))
        curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")
        openssl("req", "-new", *curve, "-nodes", "-subj", f"/CN={name}", "-keyout", key, "-out", pem)
        openssl("req", "-in", pem, "-outform", "DER", "-out", self.folder / "der")
        return key, written(bare, base64.encodebytes((self.folder / "der").read_bytes()))

    def certificate(self, answer: bytes, name: str) -> Path:
        """Write the certificate out of EST's answer, a PKCS #7 in base64."""
        bundle = written(self.folder / "p7", base64.b64decode(answer))
        return written(self.folder / f"{name}.pem", openssl("pkcs7", "-inform", "DER", "-in", bundle, "-print_certs"))

    def enrolled(self, code: str, name: str) -> tuple[Path, Path]:
        key, request = self.request(name)
        answer = self.curl(
            *(
                "--user",
                f"anybody:{code}",
                "--data-binary",
                f"@{request}",
                "--header",
                "Content-Type: application/pkcs10",
            ),
            f"{self.demo.issuer}/.well-known/est/simpleenroll",
        )
        return key, self.certificate(answer, name)


@pytest.fixture
def station(demo: Demo, tmp_path: Path) -> Station:
    return Station(demo, tmp_path)


def test_est_by_curl_enrols_renews_and_refuses_a_code_used_twice(station: Station, demo: Demo) -> None:
    code = demo.orders("device", "invite", "carol", "Carol's EST box")["code"]
    key, certificate = station.enrolled(code, "box")
    authorities = station.certificate(station.curl(f"{demo.issuer}/.well-known/est/cacerts"), "authorities")
    told = openssl("verify", "-CAfile", authorities, "-purpose", "sslclient", certificate)
    assert "OK" in told
    assert b"unknown, used or expired" in station.curl(
        *("--user", f"x:{code}", "--data-binary", f"@{station.request('again')[1]}"),
        f"{demo.issuer}/.well-known/est/simpleenroll",
    )

    new_key, request = station.request("renewed")
    there = f"{demo.facts['for_devices']['identity']}/.well-known/est/simplereenroll"
    renewed = station.certificate(
        station.curl("--cert", certificate, "--key", key, "--data-binary", f"@{request}", there), "renewed"
    )
    assert "OK" in openssl("verify", "-CAfile", authorities, "-purpose", "sslclient", renewed)
    public = openssl("x509", "-in", renewed, "-noout", "-pubkey")
    assert public == openssl("pkey", "-in", new_key, "-pubout")
    assert b"Show the device's present certificate" in station.curl("--data-binary", f"@{request}", there)


def test_openssl_learns_of_a_lost_device_by_list_and_by_question(station: Station, demo: Demo) -> None:
    code = demo.orders("device", "invite", "carol", "Carol's lost box")["code"]
    _, certificate = station.enrolled(code, "lost")
    text = openssl("x509", "-in", certificate, "-noout", "-text")
    places = [word.removeprefix("URI:") for word in text.split() if word.startswith("URI:https")]
    at = {place.rpartition(".")[2] if "." in place.rpartition("/")[2] else "ocsp": place for place in places}
    trust = written(station.folder / "trust.pem", station.curl(f"{demo.issuer}/ca/devices.pem"))
    issuer = written(station.folder / "issuer.der", station.curl(at["cer"]))
    openssl("x509", "-inform", "DER", "-in", issuer, "-out", station.folder / "issuer.pem")

    def verified() -> str:
        crl = written(station.folder / "list.crl", station.curl(at["crl"]))
        return openssl("verify", "-crl_check", "-CAfile", trust, "-CRLfile", crl, certificate)

    def asked() -> str:
        about = ("-issuer", station.folder / "issuer.pem", "-cert", certificate)
        question = station.folder / "question"
        openssl("ocsp", *about, "-no_nonce", "-reqout", question)
        answer = written(
            station.folder / "answer",
            station.curl(
                *("--data-binary", f"@{question}", "--header", "Content-Type: application/ocsp-request"), at["ocsp"]
            ),
        )
        return openssl("ocsp", *about, "-no_nonce", "-respin", answer, "-CAfile", trust)

    assert "OK" in verified()
    assert "good" in asked() and "Response verify OK" in asked()
    (device,) = (each["id"] for each in demo.orders("device", "list", "Carol's lost box")["items"])
    demo.orders("device", "lose", device)
    assert "certificate revoked" in verified()
    assert "revoked" in asked()
    demo.orders("device", "restore", device)
    assert "OK" in verified()


def test_the_devices_key_is_rotated_without_locking_anybody_out(station: Station, demo: Demo) -> None:
    code = demo.orders("device", "invite", "carol", "Carol's old box")["code"]
    _, old = station.enrolled(code, "old")
    before = demo.orders("ca", "show")["certificates"]
    rotated = demo.orders("ca", "rotate")
    assert len(rotated["certificates"]) == len(before) + 1
    trust = demo.orders("ca", "show")["certificates"]
    assert [each["sha256"] for each in before[1:]] == [each["sha256"] for each in trust[2:]]
    file = station.folder / "root.pem"
    passphrase = written(station.folder / "passphrase", "kept in a safe place\n")
    assert demo.orders("ca", "export-root", str(file), "--passphrase-file", str(passphrase)) == {
        "file": str(file),
        "removed": False,
    }
    assert "ENCRYPTED" in file.read_text()
    assert "CN" in openssl("x509", "-in", old, "-noout", "-issuer")
