"""App passwords: a random secret for one device and chosen services, shown once, kept as a keyed digest.

With 140 random bits there is nothing to guess and nothing to slow down: finding one costs one digest and one look-up,
microseconds, so that every mail client of a site may come back at once. No failure of anybody throttles a right one.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from idp.accounts import spoken
from idp.accounts.desk import Desk, person
from idp.accounts.names import label
from idp.accounts.refusals import missing, refused
from kernel.chance import identifier
from kernel.ports import Reader, Writer
from kernel.records.changes import credential_handle
from kernel.records.credentials import AppPassword
from kernel.records.devices import OUT, Device
from kernel.records.people import User

MOST_LIVE: Final = 100
MOST_SERVICES: Final = 16
_SERVICE: Final = re.compile(r"[a-z][a-z0-9-]{0,31}")


class AppPasswords(Desk):
    """The acts on app passwords."""

    async def make_app_password(
        self, actor: str, user_id: str, device_id: str, services: Iterable[str], name: str
    ) -> tuple[AppPassword, str]:
        """Make an app password for one device of the user (or a shared one); return it and its secret, to show once.

        Raises:
            Missing: no such user, or no such device of theirs.
            AccountRefused: the device is lost, revoked or expired; no or odd services; a hundred are live already.
        """
        chosen, shown = _services(services), label(name)
        typed = spoken.spell(self._chance.octets(spoken.APP_PASSWORD_LETTERS))
        made = AppPassword(
            id=identifier(self._chance, "ap"),
            user_id=user_id,
            device_id=device_id,
            digest=self._app_digest(typed),
            services=chosen,
            name=shown,
            created_at=self._clock.now(),
        )

        def work(tx: Writer) -> tuple[AppPassword, str]:
            user = person(tx, user_id)
            _demand_usable(tx, user, device_id)
            if sum(not each.revoked for each in tx.find(AppPassword, user_id=user_id)) >= MOST_LIVE:
                raise refused("too-many", most=MOST_LIVE)
            tx.insert(made)
            self._log_app(tx, actor, user, made, "made")
            return made, typed

        return await self._store.write(work)

    def app_password(self, tx: Reader, typed: str) -> AppPassword | None:
        """Return the app password with this secret, a REVOKED one too (its holder may learn why): the caller refuses
        by ``revoked``, ``services`` and its device."""
        letters = spoken.letters_of(typed, spoken.APP_PASSWORD_LETTERS)
        found = tx.find(AppPassword, digest=self._vault.digest("app-password", letters)) if letters else ()
        return found[0] if found else None

    async def find_app_password(self, typed: str) -> AppPassword | None:
        """Return what ``app_password`` returns."""
        return await self._store.read(lambda tx: self.app_password(tx, typed))

    async def revoke_app_password(self, actor: str, app_password_id: str) -> AppPassword:
        """Revoke an app password; sessions that stand on it end. Missing: no such app password."""

        def work(tx: Writer) -> AppPassword:
            present = tx.get(AppPassword, app_password_id)
            if present is None:
                raise missing("no-app-password")
            if present.revoked:
                return present
            revoked = replace(present, revoked=True)
            tx.put(revoked)
            self._log_app(tx, actor, person(tx, present.user_id), revoked, "revoked")
            return revoked

        return await self._store.write(work)

    def _log_app(self, tx: Writer, actor: str, user: User, subject: AppPassword, act: str) -> None:
        detail = f"{subject.id} {subject.name} ({', '.join(sorted(subject.services))})"
        self._log_factor(tx, actor, user, "app-password", act, detail, subject.device_id)
        tx.note(credential_handle(subject.id))

    def _app_digest(self, typed: str) -> str:
        return self._vault.digest("app-password", spoken.letters_of(typed, spoken.APP_PASSWORD_LETTERS))


def _demand_usable(tx: Reader, user: User, device_id: str) -> None:
    device = tx.get(Device, device_id)
    if device is None or device.owner not in ("", user.id):
        raise missing("no-device")
    if device.trust in OUT:
        raise refused("device-refused")
    if user.disabled:
        raise refused("user-disabled")


def _services(names: Iterable[str]) -> frozenset[str]:
    chosen = frozenset(names)
    if not chosen:
        raise refused("services-none")
    for name in chosen:
        if not _SERVICE.fullmatch(name):
            raise refused("services-invalid", service=name[:40])
    if len(chosen) > MOST_SERVICES:
        raise refused("too-many", most=MOST_SERVICES)
    return chosen
