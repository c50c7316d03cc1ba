"""The API as a transcript: what is asked, what is answered, with which status."""

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.idp.admin.house import OPEN, House


def signing_request() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "anything")])
    request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    return request.public_bytes(serialization.Encoding.PEM).decode()


async def test_a_user_from_invitation_to_removal(api: httpx.AsyncClient) -> None:
    assert (await api.post("/groups", json={"name": "staff"})).status_code == 201
    body = {"name": "mika", "email": "mika@example.com", "groups": ["staff"], "invite": True}
    made = await api.post("/users", json=body)
    assert (made.status_code, made.json()["groups"]) == (201, ["staff"])
    assert made.json()["invitation"].startswith("https://login.example.com/invited/")
    assert [each["name"] for each in (await api.get("/users", params={"q": "mik"})).json()["items"]] == ["mika"]
    changed = await api.patch("/users/mika@example.com", json={"language": "ja", "attributes": {"site": "tokyo"}})
    assert (changed.json()["language"], changed.json()["attributes"]) == ("ja", {"site": "tokyo"})
    assert (await api.post("/users/mika/disable")).json()["disabled"] is True
    assert (await api.post("/users/mika/enable")).json()["disabled"] is False
    assert "invitation" in (await api.post("/users/mika/reset")).json()
    weak = await api.post("/users/mika/password", json={"password": "short"})
    assert (weak.status_code, "at least" in weak.json()["error"]) == (400, True)
    assert [each["name"] for each in (await api.get("/groups/staff/members")).json()["items"]] == ["mika"]
    assert (await api.delete("/groups/staff/members/mika")).json()["groups"] == []
    assert (await api.put("/groups/staff/members/mika")).json()["groups"] == ["staff"]
    assert (await api.delete("/groups/staff")).json() == {"members": 1}
    assert (await api.delete("/users/mika")).status_code == 200
    assert (await api.get("/users/mika")).status_code == 404


async def test_a_device_from_registration_to_its_end(api: httpx.AsyncClient, home: House) -> None:
    await home.user("mika")
    made = await api.post("/devices", json={"owner": "mika", "name": "laptop", "platform": "debian"})
    device = made.json()["id"]
    assert (made.status_code, made.json()["owner"]) == (201, "mika")
    signed = await api.post(f"/devices/{device}/certificates", json={"csr": signing_request()})
    assert signed.status_code == 201 and "BEGIN CERTIFICATE" in signed.json()["certificate"]
    shown = (await api.put(f"/devices/{device}/signals/disk_encrypted", json={"value": True})).json()
    assert shown["signals"]["disk_encrypted"]["value"] is True
    assert [key["proof"] for key in shown["keys"]] == ["certificate"]
    assert (await api.post("/devices/mika%2Flaptop/revoke", json={"note": "stolen"})).json()["trust"] == "revoked"
    assert (await api.patch(f"/devices/{device}", json={"name": "old laptop"})).json()["name"] == "old laptop"
    assert [each["id"] for each in (await api.get("/devices?trust=revoked")).json()["items"]] == [device]
    assert (await api.delete(f"/devices/{device}")).status_code == 200
    assert (await api.get(f"/devices/{device}")).status_code == 404


async def test_sessions_are_listed_counted_and_ended(api: httpx.AsyncClient, home: House) -> None:
    mika = await home.user("mika")
    for number in (1, 2):
        home.session(number, mika)
    listed = (await api.get("/sessions")).json()
    assert ([each["id"] for each in listed["items"]], listed["services"]) == (["s_1", "s_2"], {"imap": 2})
    assert (await api.delete("/sessions/s_1")).json()["user"] == "mika"
    assert (await api.post("/sessions/end", json={"user": "mika"})).json() == {"sessions": 1, "signins": 0}
    assert (await api.post("/sessions/end", json={})).status_code == 400
    assert {actor for _, actor in home.board.ended} == {"admin:local:unknown"}


async def test_the_policy_from_check_to_rollback(api: httpx.AsyncClient, home: House) -> None:
    await home.admin()
    assert (await api.get("/policy")).status_code == 404
    broken = OPEN.replace("then: allow", "then: alow", 1)
    checked = (await api.post("/policy/check", json={"text": broken})).json()
    assert checked["good"] is False
    assert (checked["problems"][0]["line"], checked["problems"][0]["text"]) == (7, "alow")
    refused = await api.post("/policy/publish", json={"text": broken, "base": 0})
    assert (refused.status_code, refused.json()["problems"]) == (400, checked["problems"])
    assert (await api.post("/policy/publish", json={"text": OPEN, "base": 0, "comment": "first"})).status_code == 201
    assert (await api.post("/policy/publish", json={"text": OPEN + "# more\n", "base": 1})).json()["number"] == 2
    late = await api.post("/policy/publish", json={"text": OPEN + "# mine\n", "base": 1})
    assert (late.status_code, late.json()["conflict"]["current"]["number"]) == (409, 2)
    assert "+# more" in late.json()["conflict"]["theirs"] and "+# mine" in late.json()["conflict"]["yours"]
    assert (await api.post("/policy/rollback", json={"revision": 1})).json()["restores"] == 1
    assert [each["number"] for each in (await api.get("/policy/history")).json()["items"]] == [3, 2, 1]
    assert (await api.get("/policy/revisions/2")).json()["text"].endswith("# more\n")
    told = (await api.post("/policy/explain", json={"service": "console", "user": "root"})).json()
    assert (told["decision"]["outcome"], told["facts"]["factors"]) == ("deny", ["password", "totp"])
    assert told["decision"]["trace"][0]["conditions"][0].keys() >= {"key", "wanted", "seen", "truth", "hint"}


async def test_a_program_is_registered_for_decisions_and_signs_nobody_in(api: httpx.AsyncClient) -> None:
    made = await api.post("/clients", json={"name": "Door", "client_id": "door", "machine": True})
    assert made.status_code == 201 and made.json()["client_secret"]
    assert (made.json()["scopes"], made.json()["redirect_uris"]) == (["authzen"], [])
    body = {"name": "Door", "machine": True, "scopes": ["openid"]}
    assert (await api.post("/clients", json=body)).status_code == 400


async def test_clients_show_their_secret_once(api: httpx.AsyncClient) -> None:
    body = {"name": "Wiki", "redirect_uris": ["https://wiki.example.com/cb"], "client_id": "wiki"}
    made = (await api.post("/clients", json=body)).json()
    assert (made["client_id"], len(made["client_secret"]) > 30) == ("wiki", True)
    listed = (await api.get("/clients")).json()["items"]
    assert [each["client_id"] for each in listed] == ["wiki"]
    assert made["client_secret"] not in str(listed) and "secret_digest" not in str(listed)
    assert (await api.delete("/clients/wiki")).status_code == 200
    assert (await api.delete("/clients/wiki")).status_code == 404


async def test_audit_and_health(api: httpx.AsyncClient, home: House) -> None:
    await home.user("mika")
    await home.user("kei")
    tail = (await api.get("/audit?limit=2")).json()["items"]
    assert (len(tail), (await api.get(f"/audit?since={tail[-1]['number']}")).json()["items"]) == (2, [])
    found = (await api.get("/audit/search", params={"user": "mika"})).json()["items"]
    assert found[0]["user"] == "mika" and "hash" in found[0]
    assert (await api.get("/audit/verify")).json() == {"good": True, "entries": tail[-1]["number"], "fault": ""}
    assert (await api.get("/health")).json()["state"] == "bad"


BAD = (
    ("POST", "/users", b"{", 400, "no JSON"),
    ("POST", "/users", b"[1]", 400, "JSON object"),
    ("POST", "/users", b"[" * 50000, 400, "no JSON"),
    ("POST", "/users", b'{"name": "\xff"}', 400, "no JSON"),
    ("POST", "/users", b'{"name": 7, "email": "a@b.c"}', 400, "`name` must be a text"),
    ("POST", "/users", b'{"nmae": "x", "name": "x", "email": "a@b.c"}', 400, "did you mean `name`"),
    ("POST", "/users", b'{"name": "x"}', 400, "`email` is missing"),
    ("POST", "/users", b" " * 70000, 413, "at most"),
    ("PATCH", "/users/ghost", b'{"language": "ja"}', 404, "no user `ghost`"),
    ("PATCH", "/users/ghost", b"{}", 400, "name a field"),
    ("GET", "/users?limit=lots", b"", 400, "whole number"),
    ("GET", "/users?q=' OR 1=1 --&after=%00", b"", 400, "NUL"),
    ("GET", "/nowhere", b"", 404, "no such address"),
    ("PUT", "/users", b"", 405, "no such method"),
    ("GET", "/policy/revisions/99999999999999999999", b"", 404, "no policy revision"),
    ("POST", "/policy/rollback", b"{}", 400, "`revision` is missing"),
)


async def test_what_cannot_be_taken_is_refused_in_one_shape(api: httpx.AsyncClient) -> None:
    for method, path, content, status, words in BAD:
        answer = await api.request(method, path, content=content, headers={"Content-Type": "application/json"})
        assert (path, answer.status_code, answer.json()["problems"]) == (path, status, [])
        assert words in answer.json()["error"]


async def test_a_form_is_no_json(api: httpx.AsyncClient) -> None:
    assert (await api.post("/users", data={"name": "x"})).status_code == 415


async def test_our_own_fault_tells_nothing_of_our_insides(api: httpx.AsyncClient, home: House) -> None:
    await home.store.close()
    answer = await api.get("/users")
    assert (answer.status_code, "store" in answer.json()["error"]) == (503, False)
