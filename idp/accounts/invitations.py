"""Invitations: a link that lets a new user, or one who lost everything, set a first password. One use, three days.

Owns also the way back: an admin's reset takes every factor away before a new invitation is made.
"""

from typing import Final

from idp.accounts.codes import _waiting_key
from idp.accounts.desk import Desk, own_actor, person
from idp.accounts.refusals import refused
from kernel.chance import secret
from kernel.ports import Reader, Writer
from kernel.records.credentials import Invitation, Password, RecoveryCodes, TotpFactor
from kernel.records.people import User

INVITATION_SECONDS: Final = 3 * 86400.0
_MOST_SECRET: Final = 128


class Invitations(Desk):
    """The acts on invitations."""

    async def invite(self, actor: str, user_id: str) -> str:
        """Return the secret of a new invitation link (256 bits); earlier ones of this user are void.

        Raises:
            Missing: no such user.
            AccountRefused: the user is disabled.
        """
        made = secret(self._chance)

        def work(tx: Writer) -> str:
            user, now = person(tx, user_id), self._clock.now()
            if user.disabled:
                raise refused("user-disabled")
            for old in tx.find(Invitation, user_id=user_id):
                tx.take(Invitation, old.digest)
            tx.insert(Invitation(self._invitation_digest(made), user_id, now + INVITATION_SECONDS, actor))
            self._log_factor(tx, actor, user, "invitation", "made")
            return made

        return await self._store.write(work)

    async def invited(self, invitation: str) -> User | None:
        """Return whom an invitation is for, without using it up: a link's first page may be fetched by a mail
        scanner."""
        return await self._store.read(
            lambda tx: self._guest(tx, tx.get(Invitation, self._invitation_digest(invitation)))
        )

    async def accept_invitation(self, invitation: str) -> User | None:
        """Use an invitation up and return whom it is for; None when it is unknown, used, or three days old."""
        digest = self._invitation_digest(invitation)

        def work(tx: Writer) -> User | None:
            user = self._guest(tx, tx.take(Invitation, digest))
            if user is not None:
                self._log_factor(tx, own_actor(user), user, "invitation", "accepted")
            return user

        return await self._store.write(work)

    async def reset_factors(self, actor: str, user_id: str) -> None:
        """Take away password, TOTP and recovery codes; app passwords and devices stay. Missing: no such user."""

        def work(tx: Writer) -> None:
            user = person(tx, user_id)
            tx.take(Password, user_id)
            tx.take(TotpFactor, user_id)
            tx.take(TotpFactor, _waiting_key(user_id))
            tx.take(RecoveryCodes, user_id)
            self._log_factor(tx, actor, user, "all", "reset")

        await self._store.write(work)

    def _guest(self, tx: Reader, invitation: Invitation | None) -> User | None:
        if invitation is None or invitation.expires_at <= self._clock.now():
            return None
        user = tx.get(User, invitation.user_id)
        return user if user and not user.disabled else None

    def _invitation_digest(self, invitation: str) -> str:
        return self._vault.digest("invitation", invitation[:_MOST_SECRET])
