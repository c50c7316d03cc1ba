"""Who is an enforcer: secrets, certificates, networks; and whom a faulty configuration makes nobody."""

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from kernel.chance import SeededChance
from kernel.config.settings import Enforcer
from proxy.decisions.enforcers import Enforcers, certificates
from tests.servers.certificates import Authority

FILES = {
    Path("/a"): b"sixteen-letters-a\n",
    Path("/b"): b"sixteen-letters-b",
    Path("/short"): b"short",
    Path("/odd"): b"sixteen letters at",
}
ANYWHERE = ("0.0.0.0/0",)


def enforcers(*configured: Enforcer, **more: bytes) -> Enforcers:
    files = {**FILES, **{Path(f"/{name}"): octets for name, octets in more.items()}}

    def read(path: Path) -> bytes:
        if path not in files:
            raise FileNotFoundError(f"no file {path}")
        return files[path]

    return Enforcers(configured, SeededChance(), read)


def who(known: Enforcers, secret: str = "", certificate: bytes = b"", peer: str = "192.0.2.7") -> str:
    found = known.who(peer, [secret.encode()] if secret else [], certificate)
    return found.enforcer.name if found is not None else ""


def test_each_secret_names_its_enforcer_where_it_stands() -> None:
    known = enforcers(
        Enforcer("a", Path("/a"), networks=("192.0.2.0/24", "2001:db8::/32")),
        Enforcer("b", Path("/b"), networks=ANYWHERE),
    )
    assert known.faults == []
    assert [who(known, "sixteen-letters-a"), who(known, "sixteen-letters-b")] == ["a", "b"]
    assert who(known, "sixteen-letters-a", peer="2001:db8::1") == "a"
    for peer in ("198.51.100.1", "::1", "", "nonsense"):
        assert who(known, "sixteen-letters-a", peer=peer) == ""
    assert known.who("192.0.2.7", [b"sixteen-letters-a"] * 2, b"") is None


def test_a_certificate_counts_alone_or_beside_a_secret(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    pem, other = (authority.issue(name, client=True)[0].read_bytes() for name in ("edge", "other"))
    der, foreign = (x509.load_pem_x509_certificate(each).public_bytes(Encoding.DER) for each in (pem, other))
    alone = enforcers(Enforcer("c", certificate=Path("/pem"), networks=ANYWHERE), pem=pem)
    assert [who(alone, "", der), who(alone, "", foreign), who(alone, "sixteen-letters-a", der)] == ["c", "", "c"]
    both = enforcers(Enforcer("d", Path("/a"), Path("/pem"), ANYWHERE), pem=pem)
    assert who(both, "sixteen-letters-a", der) == "d"
    assert [who(both, "sixteen-letters-a"), who(both, "", der), who(both, "sixteen-letters-a", foreign)] == ["", "", ""]


@pytest.mark.parametrize(
    ("enforcer", "why"),
    [
        (Enforcer("x", Path("/missing"), networks=ANYWHERE), "no file /missing"),
        (Enforcer("x", Path("/short"), networks=ANYWHERE), "16 to 1024 visible ASCII characters"),
        (Enforcer("x", Path("/odd"), networks=ANYWHERE), "16 to 1024 visible ASCII characters"),
        (Enforcer("x", certificate=Path("/a"), networks=ANYWHERE), "x"),
        (Enforcer("x", networks=ANYWHERE), "neither secret nor certificate"),
        (Enforcer("x", Path("/a"), networks=("nowhere",)), "nowhere"),
    ],
)
def test_who_cannot_be_recognised_is_nobody_and_the_operator_hears_of_it(enforcer: Enforcer, why: str) -> None:
    known = enforcers(enforcer, Enforcer("b", Path("/b"), networks=ANYWHERE))
    [fault] = known.faults
    assert fault.startswith("enforcer `x` is not believed") and why in fault
    assert [who(known, "sixteen-letters-a"), who(known, "sixteen-letters-b")] == ["", "b"]


def test_two_that_show_the_same_are_told_apart_by_nobody() -> None:
    known = enforcers(Enforcer("a", Path("/a"), networks=ANYWHERE), Enforcer("c", Path("/a"), networks=ANYWHERE))
    assert known.faults == ["enforcer `c` is not believed: it shows the same as `a`"]
    assert who(known, "sixteen-letters-a") == "a"


def test_no_secret_is_kept_or_shown() -> None:
    known = enforcers(Enforcer("a", Path("/a"), networks=ANYWHERE))
    assert b"sixteen" not in repr(vars(known)).encode()


def test_certificates_that_are_not_there_are_not_waited_for(tmp_path: Path) -> None:
    pem, _ = Authority(tmp_path).issue("edge", client=True)
    configured = [Enforcer("a", certificate=pem), Enforcer("b", certificate=tmp_path / "missing"), Enforcer("c", pem)]
    assert list(certificates(configured)) == [pem]
