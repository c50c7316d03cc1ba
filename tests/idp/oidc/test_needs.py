"""Who has to sign in how, as a table without a server; and that no request upsets the reader."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.oidc import claims
from idp.oidc.asking import Asked, Astray, Back, Turned, read
from idp.oidc.needs import Need, missing
from kernel.records.devices import Proof
from kernel.records.oidc import OidcClient
from kernel.records.sessions import Factor, SignIn

CLIENT = OidcClient("c", "App", ("https://app.test/cb",), scopes=frozenset({"openid", "mail"}))
NOW = 1000.0


def signin(at: float = 900.0, *factors: Factor, device: str = "", proof: Proof = Proof.NONE) -> SignIn:
    return SignIn("s", "", "u_1", 800.0, 9000.0, dict.fromkeys(factors or (Factor.PASSWORD,), at), device, proof)


def asked(prompt: str = "", max_age: int | None = None, acr: tuple[str, ...] = (), since: float | None = None) -> Asked:
    back = Back("https://app.test/cb")
    return Asked(CLIENT, back, ("openid",), (), "", "", frozenset(prompt.split()), max_age, acr, "", "", "", since)


@pytest.mark.parametrize(
    ("wish", "who", "hinted", "needed"),
    [
        (asked(), None, "", Need()),
        (asked(), signin(), "", None),
        (asked(), signin(), "u_1", None),
        (asked(), signin(), "u_2", Need("select_account")),
        (asked("login"), signin(), "", Need("login")),
        (asked("login", since=950.0), signin(900.0), "", Need("login")),
        (asked("login", since=950.0), signin(950.0), "", None),
        (asked("login", since=2000.0), signin(), "", Need("login")),
        (asked(max_age=100), signin(900.0), "", None),
        (asked(max_age=99), signin(900.0), "", Need("login", max_age=99)),
        (asked(max_age=0), signin(999.5), "", Need("login", max_age=0)),
        (asked(max_age=0, since=999.0), signin(999.5), "", None),
        (asked("select_account"), signin(), "", Need("select_account", error="account_selection_required")),
        (asked("select_account", since=950.0), signin(), "", None),
        (asked(acr=(claims.ACR[1],)), signin(), "", Need(acr=claims.ACR[1])),
        (asked(acr=(claims.ACR[2], claims.ACR[1])), signin(), "", Need(acr=claims.ACR[1])),
        (asked(acr=(claims.ACR[1],), since=950.0), signin(), "", None),
        (asked("none", acr=(claims.ACR[1],)), signin(), "", None),
        (asked(acr=(claims.ACR[1],)), signin(900.0, Factor.PASSWORD, Factor.TOTP), "", None),
        (asked(acr=("urn:other",)), signin(), "", None),
    ],
)
def test_what_is_missing(wish: Asked, who: SignIn | None, hinted: str, needed: Need | None) -> None:
    assert missing(wish, who, hinted, NOW) == needed


@pytest.mark.parametrize(
    ("who", "acr", "amr"),
    [
        (signin(900.0, Factor.PASSWORD), claims.ACR[0], ("pwd",)),
        (signin(900.0, Factor.INVITATION), claims.ACR[0], ()),
        (signin(900.0, Factor.TOTP), claims.ACR[0], ("otp",)),
        (signin(900.0, Factor.PASSWORD, Factor.TOTP), claims.ACR[1], ("mfa", "otp", "pwd")),
        (signin(900.0, Factor.PASSKEY), claims.ACR[1], ("hwk",)),
        (signin(900.0, Factor.PASSWORD, Factor.RECOVERY), claims.ACR[1], ("mfa", "otp", "pwd")),
        (
            signin(900.0, Factor.PASSWORD, Factor.TOTP, device="d", proof=Proof.BROWSER_KEY),
            claims.ACR[2],
            ("mfa", "otp", "pwd", "swk"),
        ),
        (signin(900.0, Factor.PASSWORD, device="d", proof=Proof.BROWSER_KEY), claims.ACR[0], ("pwd", "swk")),
        (signin(900.0, Factor.PASSWORD, Factor.TOTP, device="d"), claims.ACR[1], ("mfa", "otp", "pwd")),
    ],
)
def test_how_well_somebody_is_known(who: SignIn, acr: str, amr: tuple[str, ...]) -> None:
    assert (claims.acr(who), claims.amr(who)) == (acr, amr)


NAMES = st.sampled_from(
    [
        "client_id",
        "redirect_uri",
        "response_type",
        "scope",
        "state",
        "nonce",
        "prompt",
        "max_age",
        "code_challenge",
        "code_challenge_method",
        "response_mode",
        "acr_values",
        "resource",
        "request",
        "id_token_hint",
        "gatepost_since",
    ]
)
VALUES = st.one_of(
    st.sampled_from(
        ["c", "https://app.test/cb", "code", "openid mail", "none", "S256", "x" * 43, "0", "form_post", ""]
    ),
    st.text(string.printable, max_size=30),
)


@given(st.lists(st.tuples(NAMES, VALUES), max_size=20))
def test_no_request_upsets_the_reader_and_only_exact_addresses_are_answered(pairs: list[tuple[str, str]]) -> None:
    try:
        told = read(pairs, lambda key: CLIENT if key == "c" else None, "https://id.test")
    except Astray:
        return
    except Turned as fault:
        assert fault.back.redirect_uri in CLIENT.redirect_uris
        return
    assert told.back.redirect_uri in CLIENT.redirect_uris and len(told.challenge) == 43
    assert set(told.scopes) <= CLIENT.scopes
