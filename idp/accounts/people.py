"""Users: made, changed, disabled, found by what somebody typed. Refuses names and addresses that are taken or odd."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from idp.accounts.desk import Desk, person
from idp.accounts.names import canonical, label, login_spelling, mail_address, user_name
from idp.accounts.refusals import refused, taken
from idp.ending import end_user
from kernel.audit import UserChanged
from kernel.chance import identifier
from kernel.ports import Reader, Writer
from kernel.reasons import LANGUAGES, Reason
from kernel.records.people import Group, User

MOST_GROUPS: Final = 200
MOST_ALIASES: Final = 50
MOST_ATTRIBUTES: Final = 50
MOST_VALUE: Final = 512


class People(Desk):
    """The acts on users."""

    async def create_user(
        self, actor: str, name: str, email: str, display_name: str, language: str, groups: Iterable[str] = ()
    ) -> User:
        """Make a user. Groups that do not exist yet come into being.

        Raises:
            Taken: the name or the address belongs to somebody.
            AccountRefused: the name, address, language or a group is not acceptable.
        """
        user = User(
            id=identifier(self._chance, "u"),
            name=user_name(name),
            email=mail_address(email),
            display_name=label(display_name or name),
            language=_language(language),
            groups=_groups(groups),
            created_at=self._clock.now(),
        )

        def work(tx: Writer) -> User:
            _demand_free(tx, user)
            self._found_groups(tx, actor, user.groups)
            tx.insert(user)
            self._log_user(tx, actor, user, "created", f"{user.email} {','.join(sorted(user.groups))}".strip())
            return user

        return await self._store.write(work)

    async def update_user(self, actor: str, user_id: str, **changes: object) -> User:
        """Change fields of a user: ``name``, ``email``, ``display_name``, ``language``, ``groups``, ``aliases``,
        ``attributes``.

        Raises:
            Missing: no such user.
            Taken: the new name or address belongs to somebody else.
            AccountRefused: another field, or a value that is not acceptable.
        """
        cleaned = {field: _clean(field, value) for field, value in changes.items()}

        def work(tx: Writer) -> User:
            before = person(tx, user_id)
            user = replace(before, **cleaned)
            if user == before:
                return user
            _demand_free(tx, user)
            self._found_groups(tx, actor, user.groups)
            tx.put(user)
            changed = sorted(field for field in cleaned if getattr(user, field) != getattr(before, field))
            self._log_user(tx, actor, user, "changed", ", ".join(changed))
            return user

        return await self._store.write(work)

    async def set_disabled(self, actor: str, user_id: str, disabled: bool) -> User:
        """Disable a user (every sign-in and grant ends), or enable them again; Missing when there is none."""

        def work(tx: Writer) -> User:
            user = person(tx, user_id)
            if user.disabled == disabled:
                return user
            user = replace(user, disabled=disabled)
            tx.put(user)
            self._log_user(tx, actor, user, "disabled" if disabled else "enabled")
            if disabled:
                end_user(tx, user_id, actor, Reason.USER_DISABLED, self._clock.now())
            return user

        return await self._store.write(work)

    def _found_groups(self, tx: Writer, actor: str, names: Iterable[str]) -> None:
        for name in sorted(names):
            if tx.get(Group, name) is None:
                tx.insert(Group(name))
                tx.log(UserChanged(at=self._clock.now(), actor=actor, act="group-added", detail=name))


def user_of(tx: Reader, name_or_email: str) -> User | None:
    """Return the user whom this name or address means, in whatever spelling."""
    typed = login_spelling(name_or_email)
    if not typed:
        return None
    found = tx.find(User, email=typed) if "@" in typed else tx.find(User, name=typed)
    return found[0] if found else None


def _demand_free(tx: Reader, user: User) -> None:
    if any(other.id != user.id for other in tx.find(User, name=user.name)):
        raise taken("name-taken", name=user.name)
    if any(other.id != user.id for other in tx.find(User, email=user.email)):
        raise taken("email-taken", email=user.email)


def _clean(field: str, value: object) -> Any:
    """Return the canonical form of a new value for this field."""
    cleaner = _CLEANERS.get(field)
    if cleaner is None:
        raise refused("field-invalid", field=field[:40])
    try:
        return cleaner(value)
    except (TypeError, AttributeError, ValueError):
        raise refused("field-invalid", field=field) from None


def _language(value: str) -> str:
    if value not in LANGUAGES:
        raise refused("language-unknown", language=value[:20], known=", ".join(LANGUAGES))
    return value


def _groups(values: Iterable[str]) -> frozenset[str]:
    groups = frozenset(canonical(each) for each in _listed(values))
    if len(groups) > MOST_GROUPS or not all(_is_group(each) for each in groups):
        raise refused("field-invalid", field="groups")
    return groups


def _is_group(name: str) -> bool:
    return 0 < len(name) <= 64 and name.isprintable() and not any(c.isspace() or c in ",/" for c in name)


def _aliases(values: Iterable[str]) -> tuple[str, ...]:
    aliases = tuple(dict.fromkeys(mail_address(each) for each in _listed(values)))
    if len(aliases) > MOST_ALIASES:
        raise refused("too-many", most=MOST_ALIASES)
    return aliases


def _attributes(values: Mapping[str, str]) -> dict[str, str]:
    pairs = dict(values)
    bounded = all(isinstance(v, str) and 0 < len(k) <= 64 and len(v) <= MOST_VALUE for k, v in pairs.items())
    if not bounded or len(pairs) > MOST_ATTRIBUTES:
        raise refused("field-invalid", field="attributes")
    return pairs


def _listed(values: Iterable[str]) -> Iterable[str]:
    """Refuse a text where a list of texts is due: it would count as its letters."""
    if isinstance(values, str):
        raise TypeError
    return values


_CLEANERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "name": user_name,
    "email": mail_address,
    "display_name": label,
    "language": _language,
    "groups": _groups,
    "aliases": _aliases,
    "attributes": _attributes,
}
