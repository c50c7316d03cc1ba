"""How each stored noun is keyed and found again. A store is built from this list alone; adding a noun is one line.

``key`` names the field that identifies a record, ``unique`` fields that no two records share (empty text is exempt),
``indexed`` fields by which ``find`` and ``count`` may look.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from kernel.records.credentials import (
    AppPassword,
    FailureCount,
    Invitation,
    Password,
    RecoveryCodes,
    TotpFactor,
)
from kernel.records.devices import Device, DeviceKey, Enrolment, Reporter, RevokedCertificate, SpentChallenge
from kernel.records.oidc import AuthorizationCode, LogoutNotice, OidcClient, RefreshToken, SigningKey
from kernel.records.people import Group, User
from kernel.records.policy import PolicyProposal, PolicyRevision
from kernel.records.sessions import Grant, PastSignIns, RouteCookie, SignIn, Ticket
from kernel.records.trials import PolicyTrial


@dataclass(frozen=True, slots=True)
class Table:
    """Where one kind of record lives."""

    name: str
    key: str
    unique: tuple[str, ...] = ()
    indexed: tuple[str, ...] = ()


TABLES: Mapping[type, Table] = {
    User: Table("users", "id", unique=("name", "email")),
    Group: Table("groups", "name"),
    Device: Table("devices", "id", indexed=("owner", "trust")),
    DeviceKey: Table("device_keys", "id", indexed=("device_id",)),
    SpentChallenge: Table("spent_challenges", "nonce", indexed=("expires_at",)),
    RevokedCertificate: Table("revoked_certificates", "id", indexed=("not_after",)),
    Reporter: Table("reporters", "device_id", indexed=("at",)),
    Enrolment: Table("enrolments", "digest", indexed=("user_id", "expires_at")),
    Password: Table("passwords", "user_id"),
    TotpFactor: Table("totp_factors", "user_id"),
    RecoveryCodes: Table("recovery_codes", "user_id"),
    AppPassword: Table("app_passwords", "id", unique=("digest",), indexed=("user_id", "device_id")),
    Invitation: Table("invitations", "digest", indexed=("user_id", "expires_at")),
    FailureCount: Table("failure_counts", "key", indexed=("last_at",)),
    SignIn: Table("signins", "id", unique=("digest",), indexed=("user_id", "device_id", "expires_at")),
    PastSignIns: Table("past_signins", "user_id"),
    RouteCookie: Table("route_cookies", "digest", indexed=("signin_id", "expires_at")),
    Ticket: Table("tickets", "digest", indexed=("expires_at",)),
    Grant: Table("grants", "id", indexed=("user_id", "client_id", "signin_id", "device_id", "expires_at")),
    OidcClient: Table("oidc_clients", "client_id"),
    AuthorizationCode: Table("authorization_codes", "digest", indexed=("grant_id", "expires_at")),
    RefreshToken: Table("refresh_tokens", "digest", indexed=("grant_id", "expires_at")),
    SigningKey: Table("signing_keys", "kid", indexed=("use",)),
    LogoutNotice: Table("logout_notices", "id", indexed=("due_at", "signin_id")),
    PolicyRevision: Table("policy_revisions", "key", indexed=("number",)),
    PolicyTrial: Table("policy_trials", "key", indexed=("number",)),
    PolicyProposal: Table("policy_proposals", "key", indexed=("state",)),
}
