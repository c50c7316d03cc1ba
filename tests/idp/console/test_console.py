"""The console as an admin uses it: what a page shows, what a form does, what the log says of it."""

import re

import pytest

from idp.console.texts import TEXTS
from tests.idp.admin.house import ADMIN, LOCAL, OPEN
from tests.idp.console.place import ORIGIN, Place

PAGES = (
    *("/console", "/console/users", "/console/users/root", "/console/devices"),
    *("/console/policy", "/console/policy/explain", "/console/policy/history", "/console/audit", "/console/health"),
)


@pytest.mark.parametrize("language", ["en", "ja"])
async def test_every_page_opens_in_both_languages_even_when_there_is_nothing(console: Place, language: str) -> None:
    console.browser.cookies.set("__Host-gatepost-lang", language)
    for path in PAGES:
        page = await console.browser.get(path)
        assert page.status_code == 200 and f'<html lang="{language}">' in page.text
        assert "'unsafe-inline'" not in page.headers["content-security-policy"]
        assert not re.search(r'\sstyle="|\son[a-z]+="', page.text)
    assert console.gate.asked == ["console"] * len(PAGES)


async def test_whom_the_policy_does_not_let_in_sees_nothing(console: Place) -> None:
    console.gate.visitor = None
    for path in (*PAGES, "/console/live"):
        page = await console.browser.get(path)
        assert page.status_code == 403 and "root" not in page.text


async def test_a_form_from_elsewhere_does_nothing(console: Place) -> None:
    await console.browser.get("/console")
    foreign = await console.browser.post(
        "/console/groups", data={"group": "x"}, headers={"Origin": "https://evil.example"}
    )
    unmarked = await console.browser.post("/console/groups", data={"group": "x"}, headers={"Origin": ORIGIN})
    assert (foreign.status_code, unmarked.status_code) == (403, 403)
    assert [each.group.name for each in await console.home.acts.groups.all()] == ["admins"]


async def test_the_live_picture_and_its_kill_switches(console: Place) -> None:
    home = console.home
    mika = await home.user("mika")
    laptop = await home.device("mika", "laptop")
    for number in (1, 2, 3):
        home.session(number, mika, laptop, "imap" if number < 3 else "submission")
    page = (await console.browser.get("/console")).text
    assert page.count('name="session" value="s_') == 3
    assert '<progress max="2" value="1"' in page
    polled = (await console.browser.get("/console/live?service=imap")).json()
    assert (polled["total"], polled["people"], polled["services"]) == (3, 1, [["imap", 2], ["submission", 1]])
    assert polled["ids"] == ["s_1", "s_2"] and polled["rows"].count('name="session"') == 2
    assert (await console.post("/console/sessions/end", session="s_1")).status_code == 303
    assert (await console.post("/console/sessions/end", session="s_1")).status_code == 422
    assert (await console.post("/console/sessions/end", device=laptop)).status_code == 303
    assert {each for each, _ in home.board.ended} == {"s_1", "s_2", "s_3"}
    assert {actor for _, actor in home.board.ended} == {"admin:root"}


async def test_a_person_from_invitation_to_removal(console: Place) -> None:
    await console.home.acts.groups.add(LOCAL, "staff")
    made = await console.post("/console/users", name="Mika", email="mika@example.com", language="ja", groups=["staff"])
    assert made.headers["location"] == "/console/users/mika"
    assert "https://login.example.com/invited/" in (await console.browser.get("/console/users/mika")).text
    assert "invited/" not in (await console.browser.get("/console/users/mika")).text  # shown once, made once
    mika = await console.home.acts.people.get("mika")
    assert (mika.groups, mika.language) == ({"staff"}, "ja")
    taken = await console.post("/console/users", name="mika", email="other@example.com")
    assert taken.status_code == 422 and 'aria-invalid="true"' in taken.text
    for step in ("disable", "enable", "leave", "join", "end"):
        assert (await console.post(f"/console/users/mika/{step}", group="staff")).status_code == 303
    change = {"display_name": "森", "email": "mika@example.com", "language": "ja"}
    await console.post("/console/users/mika/change", **change, aliases="m@example.com, x@example.com")
    assert (await console.home.acts.people.get("mika")).aliases == ("m@example.com", "x@example.com")
    assert (await console.post("/console/users/mika/reset")).status_code == 303
    assert "invited/" in (await console.browser.get("/console/users/mika")).text
    assert (await console.post("/console/users/mika/remove", confirm="kei")).status_code == 422
    assert (await console.post("/console/users/mika/remove", confirm="mika")).status_code == 303
    assert (await console.browser.get("/console/users/mika")).status_code == 404


async def test_a_device_is_approved_measured_and_revoked(console: Place) -> None:
    home = console.home
    await home.user("mika")
    laptop = await home.device("mika", "laptop")
    await console.post(f"/console/devices/{laptop}/signal", signal="disk_encrypted", value="true")
    page = (await console.browser.get(f"/console/devices/{laptop}")).text
    assert "disk_encrypted" in page and "Browser key" in page
    assert (await console.post(f"/console/devices/{laptop}/signal", signal="no such!", value="1")).status_code == 422
    for move, trust in (("lose", "lost"), ("restore", "enrolled"), ("manage", "managed"), ("revoke", "revoked")):
        assert (await console.post(f"/console/devices/{laptop}/{move}", note="why")).status_code == 303
        assert (await home.acts.machines.show(laptop)).device.trust == trust
    assert "laptop" in (await console.browser.get("/console/devices?trust=revoked")).text
    assert (await console.post(f"/console/devices/{laptop}/certificate", csr="nonsense")).status_code == 422
    assert (await console.post(f"/console/devices/{laptop}/remove")).status_code == 303


async def test_an_application_is_added_its_secret_shown_once_and_removed(console: Place) -> None:
    empty = (await console.browser.get("/console/clients")).text
    assert "No application yet" in empty and "Add the first one below" in empty
    wanted = {"name": "Wiki", "client_id": "wiki", "scope": ["openid", "email"], "kind": "confidential"}
    refused = await console.post("/console/clients", **wanted, redirect_uris="ftp://wiki.example.com/")
    assert refused.status_code == 422 and 'role="alert"' in refused.text and 'value="Wiki"' in refused.text
    console.browser.cookies.set("__Host-gatepost-lang", "ja")
    refused = await console.post("/console/clients", **wanted, redirect_uris="ftp://wiki.example.com/")
    assert "アドレス「ftp://wiki.example.com/」は登録できません。httpsで始まるアドレスを" in refused.text
    refused = await console.post(
        "/console/clients", **{**wanted, "client_id": "a b"}, redirect_uris="https://w.example"
    )
    assert "クライアントIDは、英数字と" in refused.text
    console.browser.cookies.set("__Host-gatepost-lang", "en")
    made = await console.post("/console/clients", **wanted, redirect_uris="https://wiki.example.com/callback")
    assert (made.status_code, made.headers["location"]) == (303, "/console/clients")
    once = (await console.browser.get("/console/clients")).text
    assert "Wiki is added" in once and "/.well-known/openid-configuration" in once and "client:wiki" in once
    again = (await console.browser.get("/console/clients")).text
    assert "Wiki is added" not in again and "https://wiki.example.com/callback" in again
    assert (await console.post("/console/clients/remove", client_id="wiki")).status_code == 303
    assert (await console.post("/console/clients/remove", client_id="wiki")).status_code == 404


async def test_a_broken_policy_shows_its_place_and_publishes_nothing(console: Place) -> None:
    broken = OPEN.replace("service: [console, portal]", "servise: [console, portal]")
    for act in ("check", "publish"):
        page = await console.post(f"/console/policy/{act}", text=broken.replace("\n", "\r\n"), base="0", comment="oops")
        assert "Line 5, column 5" in page.text
        assert "<mark>servise</mark>: [console, portal]" in page.text
        assert "did you mean `service`?" in page.text
        assert "servise: [console" in page.text and 'value="oops"' in page.text
    assert await console.home.acts.publishing.current() is None


async def test_publish_conflict_history_and_roll_back(console: Place) -> None:
    assert (await console.post("/console/policy/publish", text=OPEN.replace("\n", "\r\n"), base="0")).status_code == 303
    assert (await console.home.acts.publishing.current()).text == OPEN
    await console.home.acts.publishing.publish(LOCAL, OPEN + "# theirs\n", base=1)
    late = await console.post("/console/policy/publish", text=OPEN + "# mine\n", base="1")
    assert late.status_code == 409 and "+# theirs" in late.text and "+# mine" in late.text
    assert 'name="base" value="2"' in late.text
    again = await console.post("/console/policy/publish", text=OPEN + "# theirs\n# mine\n", base="2")
    assert again.status_code == 303
    history = (await console.browser.get("/console/policy/history?done=published")).text
    assert "Revision 3" in history and TEXTS["console.done.published"]["en"] in history
    assert "+# mine" in (await console.browser.get("/console/policy/history/3")).text
    assert (await console.post("/console/policy/rollback", number="1", comment="calm")).status_code == 303
    assert (await console.home.acts.publishing.current()).restores == 1


async def test_what_locks_every_admin_out_is_refused_in_the_admins_language(console: Place) -> None:
    shut = OPEN.replace("[console, portal]", "[portal]")
    console.browser.cookies.set("__Host-gatepost-lang", "ja")
    page = await console.post("/console/policy/publish", text=shut, base="0", force="true")
    assert page.status_code == 422 and "すべての管理者が管理コンソールに入れなくなります" in page.text


async def test_explain_the_policy_in_force_and_a_draft(console: Place) -> None:
    await console.home.acts.publishing.publish(ADMIN, OPEN, base=0)
    denied = (await console.browser.get("/console/policy/explain?service=console&user=root")).text
    assert "Denied" in denied and "device.trust" in denied
    question = {"service": "console", "user": "root", "device": "desk", "at": "2026-01-31T18:30"}
    allowed = (await console.browser.get("/console/policy/explain", params=question)).text
    assert "Allowed" in allowed and "31 Jan 2026 18:30 UTC" in allowed
    assert (await console.browser.get("/console/policy/explain?service=imap&user=ghost")).status_code == 422
    draft = OPEN.replace("[admins]", "[nobody]")
    tried = await console.post("/console/policy/try", text=draft, base="1", **question)
    assert "Denied" in tried.text and "Draft" in tried.text and "nobody" in tried.text


async def test_the_log_is_told_in_sentences_and_its_text_is_escaped(console: Place) -> None:
    await console.home.user("mika")
    page = (await console.browser.get("/console/audit?user=mika")).text
    assert "mika: added mika@example.com, by admin:local:root" in page
    hostile = (await console.browser.get("/console/audit?text=<script>alert(1)</script>")).text
    assert "<script>alert" not in hostile and "No such entries" in hostile
    assert (await console.browser.get("/console/audit?kind=nonsense")).status_code == 422
    assert "The chain holds" in (await console.post("/console/audit/verify")).text
    assert (await console.browser.get("/console/audit?before=1;DROP")).status_code == 200


async def test_a_large_policy_fits_and_a_larger_one_does_not(console: Place) -> None:
    padding = "# " + "x" * 1000 + "\n"
    fits = await console.post("/console/policy/check", text=OPEN + padding * 900, base="0")
    assert fits.status_code == 200
    assert (await console.post("/console/policy/check", text="#" * 1_100_000, base="0")).status_code == 413
