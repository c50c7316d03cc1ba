"""Users: one canonical spelling, unique names and addresses, every change with its event and its change row."""

from functools import partial

import pytest

from idp.accounts import AccountRefused, NoSuchUser, Taken
from idp.accounts.names import canonical, label, mail_address, user_name
from idp.accounts.people import user_of
from kernel.problems import Conflict, Missing, WordsRefused
from kernel.records.devices import Proof
from kernel.records.people import Group, User
from kernel.records.sessions import Grant, SignIn
from tests.idp.accounts.house import Site


@pytest.mark.parametrize(
    ("typed", "name"),
    [("Anna", "anna"), (" ANNA ", "anna"), ("ａｎｎａ", "anna"), ("STRASSE", "strasse"), ("straße", "strasse")],
)
def test_spellings_of_one_name_are_one(typed: str, name: str) -> None:
    assert canonical(typed) == name
    assert user_name(typed) == name


@pytest.mark.parametrize(
    "typed", ["", "a b", "a@b", "anna*master", "a/b", "a%b", "-a", ".a", "a\0b", "a\nb", "x" * 65, "a\u202eb"]
)
def test_odd_names_are_refused(typed: str) -> None:
    with pytest.raises(AccountRefused) as refusal:
        user_name(typed)
    assert set(refusal.value.words) == {"en", "ja"}


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("Anna@Example.COM", "anna@example.com"),
        ("a.b+c@mail.example", "a.b+c@mail.example"),
        ("花子@例え.jp", "花子@xn--r8jz45g.jp"),
        ("ａnna@example.com", "anna@example.com"),
    ],
)
def test_addresses_have_one_spelling(typed: str, address: str) -> None:
    assert mail_address(typed) == address


@pytest.mark.parametrize(
    "typed",
    ["", "anna", "@example.com", "anna@", "a@b@example.com", "a b@example.com", "a..b@example.com", ".a@example.com"]
    + ["a@-x.com", "a@x..com", "a@exam\nple.com", "a\0@example.com", f"{'a' * 65}@example.com", 'a"b@example.com']
    + [f"a@{'b' * 64}.com", "a@exa mple.com"],
)
def test_odd_addresses_are_refused(typed: str) -> None:
    with pytest.raises(AccountRefused, match="mail address"):
        mail_address(typed)


def test_a_label_is_one_line_without_direction_marks() -> None:
    assert label("  Anna's laptop ") == "Anna's laptop"
    for odd in ("", "a\nb", "a\u202eb", "x" * 81, "a\x1b[31m"):
        with pytest.raises(AccountRefused):
            label(odd)


async def test_a_user_is_made_with_groups_event_and_change_row(site: Site) -> None:
    act = partial(site.accounts.create_user, "admin:root", "Carol", "Carol@Example.com", "Carol", "en", ["Sales"])
    user, entries, changes = await site.since(act)
    assert (user.name, user.email, user.groups) == ("carol", "carol@example.com", frozenset({"sales"}))
    assert await site.get(User, user.id) == user
    assert await site.get(Group, "sales") == Group("sales")
    assert [(entry.kind, entry.fields["act"], entry.fields["actor"]) for entry in entries] == [
        ("user-changed", "group-added", "admin:root"),
        ("user-changed", "created", "admin:root"),
    ]
    assert [change.handle for change in changes] == [f"user:{user.id}"]


@pytest.mark.parametrize(("name", "email"), [("ANNA", "new@example.com"), ("new", "ANNA@example.com")])
async def test_a_taken_name_or_address_is_a_conflict_in_both_languages(site: Site, name: str, email: str) -> None:
    with pytest.raises(Taken) as refusal:
        await site.accounts.create_user("admin:root", name, email, "New", "en", [])
    assert isinstance(refusal.value, Conflict)
    assert isinstance(refusal.value, WordsRefused)
    assert set(refusal.value.words) == {"en", "ja"}


async def test_a_user_is_changed_field_by_field(site: Site) -> None:
    act = partial(site.accounts.update_user, "admin:root", site.anna.id, language="en", aliases=["Sales@Example.com"])
    user, entries, changes = await site.since(act)
    assert (user.language, user.aliases, user.name) == ("en", ("sales@example.com",), "anna")
    assert [(e.fields["act"], e.fields["detail"]) for e in entries] == [("changed", "aliases, language")]
    assert [change.handle for change in changes] == [f"user:{user.id}"]
    _, entries, changes = await site.since(lambda: site.accounts.update_user("admin:root", user.id, language="en"))
    assert (entries, changes) == ([], [])


@pytest.mark.parametrize(
    "change",
    [{"id": "u_other"}, {"disabled": True}, {"groups": "staff"}, {"aliases": [3]}, {"language": "xx"}, {"email": "x"}]
    + [{"attributes": {"a": 1}}, {"attributes": {"a": "x" * 513}}, {"groups": ["a,b"]}, {"name": ""}],
)
async def test_odd_changes_are_refused(site: Site, change: dict[str, object]) -> None:
    with pytest.raises(AccountRefused):
        await site.accounts.update_user("admin:root", site.anna.id, **change)
    assert await site.get(User, site.anna.id) == site.anna


async def test_a_change_cannot_take_anothers_address(site: Site) -> None:
    with pytest.raises(Taken):
        await site.accounts.update_user("admin:root", site.ben.id, email="anna@example.com")


async def test_disabling_tells_everybody_once(site: Site) -> None:
    user, entries, changes = await site.since(lambda: site.accounts.set_disabled("admin:root", site.anna.id, True))
    assert user.disabled
    assert [entry.fields["act"] for entry in entries] == ["disabled"]
    assert [change.handle for change in changes] == [f"user:{user.id}"]
    again, entries, changes = await site.since(lambda: site.accounts.set_disabled("admin:root", user.id, True))
    assert (again, entries, changes) == (user, [], [])
    assert not (await site.accounts.set_disabled("admin:root", user.id, False)).disabled


async def test_a_disabled_users_sign_ins_and_grants_end_in_the_same_moment(site: Site) -> None:
    now = site.clock.now()
    await site.put(SignIn("s_1", "digest", site.anna.id, now, now + 3600))
    await site.put(SignIn("s_2", "other", site.ben.id, now, now + 3600))
    await site.put(
        Grant("g_1", site.anna.id, "client", "", "", Proof.NONE, "mail offline_access", ("mail",), now, now + 3600)
    )
    _, _, changes = await site.since(lambda: site.accounts.set_disabled("admin:root", site.anna.id, True))
    assert {change.handle for change in changes} == {f"user:{site.anna.id}", "signin:s_1", "grant:g_1"}
    assert (await site.get(SignIn, "s_1")).ended_at == (await site.get(Grant, "g_1")).ended_at == now
    assert (await site.get(SignIn, "s_2")).ended_at == 0


async def test_users_are_found_by_name_or_address_in_any_spelling(site: Site) -> None:
    for typed in ("anna", "ANNA", "ａｎｎａ", " anna ", "Anna@EXAMPLE.com"):
        assert await site.store.read(lambda tx, typed=typed: user_of(tx, typed)) == site.anna
    for typed in ("", "nobody", "anna@example.org", "%", "' OR 1=1 --", "anna\0", "*)(uid=*"):
        assert await site.store.read(lambda tx, typed=typed: user_of(tx, typed)) is None


async def test_nobody_is_missing(site: Site) -> None:
    for act in (
        lambda: site.accounts.update_user("a", "u_none", language="en"),
        lambda: site.accounts.set_disabled("a", "u_none", True),
        lambda: site.accounts.set_password("a", "u_none", "violet tractor sings"),
        lambda: site.accounts.invite("a", "u_none"),
        lambda: site.accounts.begin_totp("u_none"),
        lambda: site.accounts.make_recovery_codes("u_none"),
    ):
        with pytest.raises(NoSuchUser) as refusal:
            await act()
        assert isinstance(refusal.value, Missing)
