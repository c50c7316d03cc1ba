"""What belongs to one person, read in one view: devices, app passwords, sign-ins, factors."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from kernel.ports import Reader
from kernel.records.credentials import AppPassword, Password, RecoveryCodes, TotpFactor
from kernel.records.devices import Device, Trust
from kernel.records.sessions import SignIn

USABLE: Final = frozenset({Trust.PENDING, Trust.ENROLLED, Trust.MANAGED})
TRUST_LOOKS: Final = {
    Trust.PENDING: "warn",
    Trust.ENROLLED: "ok",
    Trust.MANAGED: "ok",
    Trust.LOST: "bad",
    Trust.REVOKED: "bad",
    Trust.EXPIRED: "warn",
}
"""Which badge a trust wears."""


@dataclass(frozen=True, slots=True)
class Holdings:
    """Everything on one person's name that still counts, newest first."""

    devices: Sequence[Device] = ()
    app_passwords: Sequence[AppPassword] = ()
    signins: Sequence[SignIn] = ()
    password: Password | None = None
    code: TotpFactor | None = None
    recovery: RecoveryCodes | None = None
    names: dict[str, str] = field(default_factory=dict)

    @property
    def usable(self) -> Sequence[Device]:
        """The devices that may be given something."""
        return [device for device in self.devices if device.trust in USABLE]

    @property
    def codes_left(self) -> int:
        """How many recovery codes are unused."""
        return len(self.recovery.digests) if self.recovery else 0


def read_holdings(tx: Reader, user_id: str, now: float) -> Holdings:
    """Return what a person has."""
    devices = sorted(tx.find(Device, owner=user_id), key=lambda each: -max(each.last_seen_at, each.created_at))
    passwords = [each for each in tx.find(AppPassword, user_id=user_id) if not each.revoked]
    signins = [each for each in tx.find(SignIn, user_id=user_id) if not each.ended_at and each.expires_at > now]
    code = tx.get(TotpFactor, user_id)
    return Holdings(
        devices=devices,
        app_passwords=sorted(passwords, key=lambda each: -each.created_at),
        signins=sorted(signins, key=lambda each: -each.created_at),
        password=tx.get(Password, user_id),
        code=code if code and code.confirmed else None,
        recovery=tx.get(RecoveryCodes, user_id),
        names={device.id: device.name for device in devices},
    )
