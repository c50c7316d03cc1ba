"""Tokens that we did not sign so, for this, are nobody's (attacks C15-C20, C22, C30)."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import ECKey

from idp.oidc.keys import OVERLAP, Keys, header_of
from idp.oidc.tokens import TokenFacts
from kernel.records.oidc import SigningKey
from kernel.records.sessions import Grant
from tests.idp.oidc.house import ALICE, BOB, ISSUER, House
from tests.idp.oidc.test_code_flow import claims_of


def b64(data: object) -> str:
    text = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


async def good(house: House) -> tuple[str, dict[str, Any], SigningKey]:
    token = (await house.granted())["access_token"]
    return token, claims_of(token), house.keys.current("oidc", "ES256")


async def check(house: House, token: str, audience: str = "mail") -> TokenFacts | None:
    return await house.store.read(lambda tx: house.tokens.check(tx, token, audience))


async def test_unsigned_tokens_are_refused_however_they_spell_it(house: House) -> None:
    _, claims, key = await good(house)
    for alg in ("none", "None", "NONE", "nOnE", "", "HS256"):
        for tail in ("", "x", "AAAA"):
            for kid in ({"kid": key.kid}, {}):
                assert await check(house, f"{b64({'alg': alg, 'typ': 'at+jwt', **kid})}.{b64(claims)}.{tail}") is None


async def test_hmac_with_our_public_key_as_the_secret_is_refused(house: House) -> None:
    _, claims, key = await good(house)
    pem = house.keys.public_pem(key.kid)
    for secret in (key.public, pem, pem.strip(), json.dumps(json.loads(key.public), separators=(",", ":"))):
        header = {"alg": "HS256", "typ": "at+jwt", "kid": key.kid}
        signing = f"{b64(header)}.{b64(claims)}"
        forged = f"{signing}.{b64(hmac.new(secret.encode(), signing.encode(), hashlib.sha256).digest())}"
        assert await check(house, forged) is None


async def test_a_key_that_the_token_brings_along_is_not_looked_at(house: House) -> None:
    _, claims, key = await good(house)
    own = ECKey.generate_key("P-256")
    for extra in (
        {"jwk": own.as_dict(private=False)},
        {"jku": "https://evil.test/jwks"},
        {"x5u": "https://evil.test/cert"},
        {"x5c": ["AAAA"]},
        {},
    ):
        for kid in (key.kid, own.thumbprint(), "../../etc/passwd", "' OR 1=1 --", ""):
            signing = f"{b64({'alg': 'ES256', 'typ': 'at+jwt', 'kid': kid, **extra})}.{b64(claims)}"
            signature = jws.serialize_compact({"alg": "ES256"}, b"x", own).rpartition(".")[2]
            assert await check(house, f"{signing}.{signature}") is None


async def test_crit_b64_and_any_other_header_are_refused_though_signed_by_us(house: House) -> None:
    _, claims, key = await good(house)
    ours = house.keys._open[key.kid]
    plain = {"alg": "ES256", "typ": "at+jwt", "kid": key.kid}
    payload = json.dumps(claims)
    assert await check(house, jws.serialize_compact(plain, payload, ours)) is not None
    for extra in (
        {"crit": ["exp"], "exp": 1},
        {"b64": True, "crit": ["b64"]},
        {"cty": "JWT"},
        {"zip": "DEF"},
        {"x": 1},
    ):
        signing = f"{b64({**plain, **extra})}.{b64(payload.encode())}"
        r, s = decode_dss_signature(ours.private_key.sign(signing.encode(), ECDSA(hashes.SHA256())))  # type: ignore[union-attr]
        assert await check(house, f"{signing}.{b64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}") is None


async def test_one_kind_of_token_never_passes_for_another(house: House) -> None:
    reply = await house.granted()
    claims = claims_of(reply["access_token"])
    for use, alg, typ in (
        ("oidc", "ES256", "JWT"),
        ("oidc", "RS256", "at+jwt"),
        ("oidc", "ES256", "logout+jwt"),
        ("oidc", "ES256", "AT+JWT"),
        ("oidc", "ES256", "application/at+jwt"),
        ("mint", "ES256", "at+jwt"),
        ("identity", "ES256", "at+jwt"),
    ):
        assert await check(house, house.keys.sign(claims, use=use, alg=alg, typ=typ)) is None
    assert await check(house, reply["id_token"], "") is None
    assert await house.userinfo(reply["id_token"]) == 401


WRONG_CLAIMS: list[dict[str, Any]] = [
    {"iss": "https://evil.test"},
    {"iss": ISSUER + "/"},
    {"aud": "else"},
    {"aud": ["mail2"]},
    {"exp": 0},
    {"gid": ""},
    {"gid": "grant_unknown", "sid": ""},
    {"sub": BOB.id},
    {"client_id": "client_other"},
]


async def test_wrong_claims_under_a_good_signature_are_refused(house: House) -> None:
    _, claims, _ = await good(house)
    for changes in WRONG_CLAIMS:
        told = {**claims, **({"sid": ""} if "gid" in changes else {}), **changes}
        assert await check(house, house.keys.sign(told, typ="at+jwt")) is None, changes


async def test_a_token_is_for_its_audience_alone_and_for_five_minutes(house: House) -> None:
    token, _, _ = await good(house)
    assert (await check(house, token, "mail")) is not None
    assert (await check(house, token, ISSUER)) is not None
    assert await check(house, token, "admin") is None
    house.clock.forward(299)
    assert await check(house, token) is not None
    house.clock.forward(1)
    assert await check(house, token) is None


async def test_a_token_without_a_grant_stands_on_its_sign_in(house: House) -> None:
    signin = await house.sign_in()
    token, expires = house.tokens.issue(ALICE, signin.id, "d_1", "webmail", "mail", ["mail"], lifetime=60)
    assert expires == house.clock.now() + 60
    facts = await check(house, token)
    assert facts is not None and facts.grant_id == "" and facts.signin_id == signin.id and facts.device_id == "d_1"
    await house.signins.end(signin.id, "user:alice", "signed-out")
    assert await check(house, token) is None


async def test_huge_and_misshapen_tokens_are_refused_at_once(house: House) -> None:
    token, claims, _ = await good(house)
    head, body, tail = token.split(".")
    began = time.process_time()
    bomb = b64({"alg": "PBES2-HS256+A128KW", "enc": "A128GCM", "p2c": 2**31, "p2s": "AAAA"})
    for bad in (
        "A" * (2 << 20),
        f"{bomb}.a.b.c.d",
        f"{token}.x.y",
        f"{head}.{body}",
        f"{head}..{tail}",
        f"{token}=",
        f"{token}\n",
        f"{head}.{body}.{tail[:-4]}",
        f"{head}.{b64(claims)}.{tail}",
        f"{'[' * 3000}.{body}.{tail}",
        "",
        "..",
        "日本.語.語",
    ):
        assert await check(house, bad) is None
    assert time.process_time() - began < 0.5


async def test_rotation_keeps_old_tokens_good_and_signs_with_new_keys(house: House) -> None:
    reply = await house.granted(scope="openid offline_access mail")
    old = house.keys.current("oidc", "ES256").kid
    await house.keys.rotate("oidc")
    assert house.keys.current("oidc", "ES256").kid != old
    assert await check(house, reply["access_token"]) is not None
    published = [key["kid"] for key in house.keys.jwks("oidc")["keys"]]
    assert len(published) == 4 and old in published[2:]
    await house.keys.load()
    assert [key["kid"] for key in house.keys.jwks("oidc")["keys"]] == published
    fresh = (await house.refresh(reply["refresh_token"])).json()["access_token"]
    assert await check(house, fresh) is not None
    house.clock.forward(OVERLAP)
    assert len(house.keys.jwks("oidc")["keys"]) == 2 and house.keys.verify(reply["access_token"], typ="at+jwt") is None
    await house.keys.rotate("oidc")
    assert len(await house.store.read(lambda tx: tx.find(SigningKey, use="oidc"))) == 4


async def test_private_keys_lie_sealed_and_are_published_never(house: House) -> None:
    stored = await house.store.read(lambda tx: tx.find(SigningKey, use="oidc"))
    for key in stored:
        assert '"d"' not in key.public and '"d"' not in key.sealed and key.kid not in ("", None)
    for key in house.keys.jwks("oidc")["keys"]:
        assert set(key) <= {"kty", "kid", "alg", "use", "n", "e", "crv", "x", "y"}
    assert {key["alg"] for key in house.keys.jwks("mint")["keys"]} == {"ES256"}


async def test_two_processes_that_start_at_once_agree_on_the_keys(house: House) -> None:
    second = Keys(house.store, house.keys._vault, house.clock, house.keys._chance)
    await second.load()
    assert second.jwks("oidc") == house.keys.jwks("oidc")


async def test_grants_expire_with_their_sign_in(house: House) -> None:
    await house.granted()
    (grant,) = await house.store.read(lambda tx: tx.find(Grant, user_id=ALICE.id))
    (signin,) = await house.signins.for_user(ALICE.id)
    assert grant.expires_at == signin.expires_at


@given(st.text(max_size=300))
def test_no_text_upsets_the_header_reader(text: str) -> None:
    header = header_of(text)
    assert header is None or isinstance(header, dict)


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_no_bytes_upset_the_header_reader(first: bytes, second: bytes) -> None:
    header = header_of(f"{b64(first)}.{b64(second)}.AAAA")
    assert header is None or isinstance(header, dict)
