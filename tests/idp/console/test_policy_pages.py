"""The policy's pages as an admin uses them: typed, filled in, asked, reviewed, proposed, tried, compared."""

import html
import json
import re
from pathlib import Path

import pytest

from kernel.config.settings import PolicySettings
from tests.idp.admin.house import ADMIN, LOCAL, OPEN, PLAIN_TESTS
from tests.idp.admin.records_of import differed, record
from tests.idp.console.place import Place, place

STRICTER = OPEN.replace("service: [portal, imap, submission]", "service: [portal, submission]")
NOTED = OPEN.replace("[totp]}\n  - name: staff", "[totp]}  # for now\n  # the many\n  - name: staff")


def shown_text(page: str) -> str:
    """Return the draft that a page carries."""
    found = re.search(r'<textarea id="text"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)
    assert found
    return html.unescape(found[1])


@pytest.mark.parametrize("language", ["en", "ja"])
async def test_every_page_opens_with_and_without_anything_to_show(console: Place, language: str) -> None:
    console.browser.cookies.set("__Host-gatepost-lang", language)
    paths = ("", "/start", "/trial", "/replay", "/proposals", "/history", "/explain")
    for round_ in range(2):
        for path in paths:
            page = await console.browser.get(f"/console/policy{path}")
            assert page.status_code == 200 and f'<html lang="{language}">' in page.text
            assert not re.search(r'\sstyle="|\son[a-z]+="', page.text)
        if not round_:
            await console.home.acts.publishing.publish(LOCAL, OPEN, base=0)
            await console.home.acts.trials.start(ADMIN, STRICTER, "less")
    for path in ("/history/1", "/history/compare?from=1&to=1"):
        assert (await console.browser.get(f"/console/policy{path}")).status_code == 200


async def test_an_empty_page_says_what_to_do_first_and_a_template_becomes_a_draft(console: Place) -> None:
    assert "There is no policy yet" in (await console.browser.get("/console/policy")).text
    start = (await console.browser.get("/console/policy/start")).text
    assert "Plain and open." in start and "admins open the console" in start
    begun = (await console.post("/console/policy/start", name="plain")).text
    assert shown_text(begun) == OPEN and "staff read mail, user: mika" in begun
    assert await console.home.acts.publishing.current() is None
    assert (await console.post("/console/policy/start", name="nothing")).status_code == 404


async def test_what_is_typed_is_checked_in_place_and_mended(console: Place) -> None:
    typed = "# 𠮷\n" + OPEN.replace("who: {groups: [staff]}", "who: {gruops: [staff]}")
    found = (await console.post("/console/policy/live", text=typed)).json()
    (mark,) = [each for each in found["marks"] if each["bad"]]
    units = typed.encode("utf-16-le")
    assert units[mark["start"] * 2 : mark["end"] * 2].decode("utf-16-le") == "gruops"
    assert (mark["mend"], found["bad"]) == ("groups", 1)
    assert "did you mean `groups`?" in found["html"] and "Write groups" in found["html"]
    console.browser.cookies.set("__Host-gatepost-lang", "ja")
    assert (
        "`groups` の誤りではありませんか。" in (await console.post("/console/policy/live", text=typed)).json()["html"]
    )


async def test_names_of_this_house_are_offered_where_they_can_stand(console: Place) -> None:
    await console.home.user("mika", "staff")
    before = "networks: {office: [192.0.2.0/24]}\nrules:\n  - name: 𠮷\n    "

    async def offered(typed: str) -> list[str]:
        place = len((before + typed).encode("utf-16-le")) // 2
        answer = await console.post("/console/policy/complete", text=before + typed, place=str(place))
        return [each["text"] for each in answer.json()["offers"]]

    assert await offered("who: {groups: [st") == ["staff"]
    assert await offered("who: {users: mi") == ["mika@example.com"]
    assert await offered("network: {in: ") == ["office"]
    assert await offered("service: webm") == ["webmail"]
    assert await offered("# service: webm") == []


async def test_a_form_changes_its_own_line_and_leaves_comments_alone(console: Place) -> None:
    field = {"row": "who.groups", "v:who.groups": "staff, guests", "open": "rules 1"}
    page = (await console.post("/console/policy/form", text=NOTED, base="0", **field)).text
    assert shown_text(page) == NOTED.replace("groups: [staff]", "groups: [staff, guests]")
    turned = {"row": "who.groups", "as:who.groups": "who.not_groups", "v:who.groups": "staff", "open": "rules 1"}
    answer = (await console.post("/console/policy/form/part", text=NOTED, base="0", **turned)).json()
    assert answer["text"] == NOTED.replace("{groups: [staff]}", "{not_groups: staff}")
    assert 'aria-expanded="true"' in answer["html"]


ADMINS, STAFF = "admins open the console", "staff read mail"
ACTS = {
    "up rules 1": [STAFF, ADMINS],
    "down rules 0": [STAFF, ADMINS],
    "up rules 0": [ADMINS, STAFF],
    "remove rules 0": [STAFF],
    "copy rules 0": [ADMINS, f"{ADMINS} 2", STAFF],
    "add rules": [ADMINS, STAFF, "new rule"],
    "open rules 1": [ADMINS, STAFF],
    "nonsense rules 1": [ADMINS, STAFF],
}


async def test_rules_are_moved_copied_added_and_removed(console: Place) -> None:
    for act, names in ACTS.items():
        text = (await console.post("/console/policy/form/part", text=NOTED, base="0", act=act)).json()["text"]
        assert (act, re.findall(r"- name: (.+)", text)) == (act, names)
        assert "# the many\n  - name: staff" in text and ("# for now" in text or act == "remove rules 0")


async def test_networks_are_named_renamed_and_forgotten(console: Place) -> None:
    new = {"net": "", "net-name": "office", "net-in": "192.0.2.0/24, 2001:db8::/48"}
    made = (await console.post("/console/policy/form/part", text=OPEN, base="0", **new)).json()["text"]
    assert made == OPEN.replace("rules:", 'networks:\n  office: [192.0.2.0/24, "2001:db8::/48"]\nrules:')
    other = {"net": "office", "net-name": "desk", "net-in": "192.0.2.0/24"}
    named = (await console.post("/console/policy/form/part", text=made, base="0", **other)).json()["text"]
    assert "networks:\n  desk: [192.0.2.0/24]\n" in named
    gone = (await console.post("/console/policy/form/part", text=named, base="0", act="forget desk")).json()["text"]
    assert gone == OPEN


async def test_what_the_form_cannot_do_is_refused_in_words_and_changes_nothing(console: Place) -> None:
    flow = "version: 1\nrules: [{name: a, then: deny}, {name: b, then: deny}]\n"
    answer = (await console.post("/console/policy/form/part", text=flow, base="0", act="up rules 1")).json()
    assert answer["text"] == flow and "That cannot be changed in the form" in answer["html"]
    stuck = (await console.post("/console/policy/form/part", text="rules: [", base="0")).json()
    assert "The text cannot be shown as a form yet" in stuck["html"]


async def test_a_draft_is_asked_at_the_side_and_a_rule_counted(console: Place) -> None:
    await console.home.acts.publishing.publish(LOCAL, OPEN, base=0)
    await console.home.judge.load()
    asked = {"service": "console", "user": "root", "device": "root/desk"}
    answer = (await console.post("/console/policy/ask", text=OPEN, **asked)).json()
    assert (answer["outcome"], answer["rule"]) == ("allow", "admins open the console")
    assert "cond held" in answer["html"]
    denied = (await console.post("/console/policy/ask", text=OPEN, service="imap")).json()
    assert denied["outcome"] == "deny" and "No rule matched" in denied["html"] and "cond unknown" in denied["html"]
    assert "What would make it known" in denied["html"]
    broken = (await console.post("/console/policy/ask", text="rules: [", service="imap")).json()
    assert "The draft has faults" in broken["html"]
    people = (await console.browser.get("/console/policy/people?q=roo")).json()["people"]
    assert [(each["name"], [device["name"] for device in each["devices"]]) for each in people] == [("root", ["desk"])]
    counts = (await console.browser.get("/console/policy/counts")).json()["rules"]
    assert counts["staff read mail"] == {"today": 0, "day": 0, "live": 0}


async def test_the_review_tells_what_is_quick_and_leaves_the_slow_to_come(console: Place) -> None:
    await console.home.acts.publishing.publish(LOCAL, OPEN, base=0, tests=PLAIN_TESTS)
    console.home.session(1, await console.home.user("mika", "staff"))
    page = (await console.post("/console/policy/review", text=STRICTER, base="1", script="yes")).text
    assert page.count("data-later=") == 4 and "+    service: [portal, submission]" in page
    expected = (await console.post("/console/policy/review/expected", text=STRICTER, base="1")).json()["html"]
    assert "1 of 1 expected decisions come out otherwise" in expected and "staff read mail" in expected
    people = (await console.post("/console/policy/review/people", text=STRICTER, base="1")).json()["html"]
    assert "1 cannot be judged beforehand" in people
    assert (await console.post("/console/policy/review/secrets", text=STRICTER, base="1")).status_code == 404
    broken = await console.post("/console/policy/review", text=OPEN.replace("then", "than"), base="1", script="yes")
    assert broken.status_code == 422 and "disabled" in broken.text and "data-later" not in broken.text
    refused = await console.post("/console/policy/publish", text=STRICTER, base="1", script="yes", tests=PLAIN_TESTS)
    assert refused.status_code == 422 and "expected decisions come out otherwise" in refused.text


async def test_two_at_once_see_both_changes_and_how_to_go_on(console: Place) -> None:
    await console.home.acts.publishing.publish(LOCAL, OPEN, base=0)
    theirs = OPEN.replace("name: admins open the console", "name: admins come first")
    await console.home.acts.publishing.publish(LOCAL, theirs, "tidy", base=1)
    late = await console.post("/console/policy/publish", text=STRICTER, base="1")
    assert late.status_code == 409 and "Both changes fit together" in late.text
    assert "admins come first" in late.text and "service: [portal, submission]" in late.text
    both = theirs.replace("service: [portal, imap, submission]", "service: [portal, submission]")
    assert html.escape(both, quote=False) in html.unescape(late.text) and 'name="base" value="2"' in late.text
    clash = OPEN.replace("name: admins open the console", "name: admins alone")
    assert "Settle it in the editor" in (await console.post("/console/policy/publish", text=clash, base="1")).text


async def test_a_second_admin_answers_what_the_first_proposes(tmp_path: Path) -> None:
    async with place(tmp_path, PolicySettings(second_approver=True)) as console:
        await console.home.admin()
        await console.home.user("dana", "admins", ready=True)
        await console.home.device("dana", "notebook")
        await console.arrive()
        await console.home.acts.publishing.publish(LOCAL, OPEN, base=0, force=True)
        made = await console.post("/console/policy/publish", text=STRICTER, base="1", comment="less", tests="")
        assert made.headers["location"] == "/console/policy/proposals/1?done=proposed"
        page = (await console.browser.get("/console/policy/proposals/1?done=proposed")).text
        assert "Yours" in page and "/proposals/1/withdraw" in page and "+    service: [portal, submission]" in page
        assert (await console.post("/console/policy/proposals/1/approve")).status_code == 422
        await console.arrive("dana")
        theirs = (await console.browser.get("/console/policy/proposals/1")).text
        assert "Approve and publish" in theirs and "Withdraw" not in theirs
        assert '<span class="tally">1</span>' in theirs
        approved = await console.post("/console/policy/proposals/1/approve", comment="fine")
        assert approved.headers["location"] == "/console/policy/history?done=approved"
        current = await console.home.acts.publishing.current()
        assert current is not None and (current.number, current.text) == (2, STRICTER)
        assert "approved by admin:dana" in (await console.browser.get("/console/policy/history")).text
        await console.post("/console/policy/publish", text=OPEN, base="2", tests="")
        assert (await console.post("/console/policy/proposals/2/withdraw")).status_code == 303
        assert "withdrawn" in (await console.browser.get("/console/policy/proposals")).text


async def test_a_trial_from_the_draft_is_watched_stopped_and_taken_over(console: Place) -> None:
    await console.home.acts.publishing.publish(LOCAL, OPEN, base=0)
    begun = await console.post("/console/policy/trial", text=STRICTER, base="1", comment="watch")
    assert begun.headers["location"] == "/console/policy/trial?done=trial-started"
    await record(console.home, [differed(1, console.home.clock.now())])
    page = (await console.browser.get("/console/policy/trial")).text
    assert "Trial 1" in page and "watch" in page and "anna" in page
    live = (await console.browser.get("/console/policy/trial/live")).json()
    assert live["running"] and "Would be denied" in live["html"]
    assert (await console.post("/console/policy/trial", text=OPEN, base="1")).status_code == 422
    assert (await console.post("/console/policy/trial/stop")).status_code == 303
    assert (await console.post("/console/policy/trial/stop")).status_code == 422
    assert not (await console.browser.get("/console/policy/trial/live")).json()["running"]
    assert html.escape(STRICTER, quote=False) in (await console.browser.get("/console/policy/trial")).text


async def test_a_replay_shows_how_far_it_is_and_what_it_found(console: Place) -> None:
    await console.home.acts.publishing.publish(LOCAL, OPEN, base=0)
    begun = await console.post("/console/policy/replay", text=STRICTER, base="1", days="7")
    where = begun.headers["location"]
    job = await console.home.acts.replaying.wait(where.rpartition("/")[2], 5.0)
    assert (job.state, job.wish.since) == ("done", console.home.clock.now() - 7 * 86400.0)
    page = (await console.browser.get(where)).text
    assert "Replay of a draft" in page and "No decision is on record" in page
    live = (await console.browser.get(f"{where}/live")).json()
    assert (live["state"], live["done"]) == ("done", 0)
    broken = await console.post("/console/policy/replay", text="rules: [", base="1")
    assert broken.status_code == 422 and 'class="findings bad"' in broken.text
    assert (await console.browser.get("/console/policy/replay/none")).status_code == 404


async def test_whoever_is_not_let_in_hears_nothing_from_any_of_them(console: Place) -> None:
    await console.browser.get("/console")
    console.gate.visitor = None
    for path in ("live", "complete", "ask", "form/part", "review/meaning"):
        answer = await console.post(f"/console/policy/{path}", text=OPEN, place="3", service="imap")
        assert (answer.status_code, answer.json()) == (403, {"error": "not admitted"})
    for path in ("people?q=r", "counts", "trial/live", "history/meaning?from=1&to=1"):
        answer = await console.browser.get(f"/console/policy/{path}")
        assert answer.status_code == 403 and json.loads(answer.text) == {"error": "not admitted"}
    for path in ("review", "publish", "trial", "replay", "start", "proposals/1/approve", "form", "expected"):
        assert (await console.post(f"/console/policy/{path}", text=OPEN, base="0")).status_code == 403
    assert await console.home.acts.publishing.current() is None
