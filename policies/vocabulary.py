"""The words that the language knows, as tables: services and what they can enforce, signals, platforms, countries.

Adding a signal, a platform or an enforceable limit is one row here.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from kernel.records.devices import Proof, Trust
from kernel.records.sessions import Factor

DAY = 86400.0

SERVICES = (
    "portal",
    "console",
    "webmail",
    "imap",
    "pop3",
    "submission",
    "sieve",
    "ssh",
    "ssh-admin",
)
"""Services with a name of their own. Other web routes are named in the configuration, relying parties ``client:ID``."""

MAIL_PROGRAMS = frozenset({"imap", "pop3", "submission", "sieve"})
"""Services that people reach with a mail program, which cannot ask them for another factor."""

CLIENT = "client:"
ANY_CLIENT = "client:*"
"""Any relying party of the OpenID Connect provider."""

MISTAKEN_SERVICES = {
    "imaps": "imap",
    "pop": "pop3",
    "pop3s": "pop3",
    "smtp": "submission",
    "smtps": "submission",
    "submissions": "submission",
    "managesieve": "sieve",
    "admin": "console",
    "*": "client:*",
}
"""Names that people try: ports and habits have more of them than the language."""

MISTAKEN_KEYS = {"then": "outcome", "outcome": "then", "group": "groups", "country": "countries", "ip": "in"}
"""Keys that people try, where the nearest word would mislead."""

LIMITS = ("read_only", "attachments", "download", "folders", "recipients", "session", "idle")
EVERYWHERE = frozenset({"session", "idle"})
"""What every service enforces: how long a session may last, and how long it may be idle."""

ENFORCED: Mapping[str, frozenset[str]] = {
    "portal": EVERYWHERE,
    "console": EVERYWHERE,
    "webmail": EVERYWHERE,
    "imap": EVERYWHERE,
    "pop3": EVERYWHERE,
    "submission": EVERYWHERE,
    "sieve": EVERYWHERE,
    "ssh": EVERYWHERE,
    "ssh-admin": EVERYWHERE,
}
"""Which limits a service can hold a session to, one row each: ``EVERYWHERE | {"read_only", "download"}`` is what a
service with more says. A rule that asks for another one is refused at load."""


def enforced(service: str) -> frozenset[str]:
    """Return the limits that ``service`` can enforce; web routes and relying parties enforce what all do."""
    return ENFORCED.get(service, EVERYWHERE)


@dataclass(frozen=True, slots=True)
class SignalKind:
    """What a device may report: the type of its value, and after how many seconds it is no longer believed."""

    type: type
    age: float
    meaning: str


SIGNALS: Mapping[str, SignalKind] = {
    "disk_encrypted": SignalKind(bool, 30 * DAY, "the system disk is encrypted"),
    "screen_lock": SignalKind(bool, 30 * DAY, "the screen locks by itself"),
    "firewall": SignalKind(bool, 30 * DAY, "the host firewall is on"),
    "antivirus": SignalKind(bool, 7 * DAY, "malware protection is on and current"),
    "auto_update": SignalKind(bool, 30 * DAY, "updates install by themselves"),
    "secure_boot": SignalKind(bool, 30 * DAY, "the firmware verifies what it boots"),
    "reboot_pending": SignalKind(bool, 7 * DAY, "an update waits for a restart"),
    "jailbroken": SignalKind(bool, 30 * DAY, "the system's own protection was removed"),
    "compromised": SignalKind(bool, 30 * DAY, "a security product reports an intrusion"),
    "compliant": SignalKind(bool, 7 * DAY, "the device management calls it compliant"),
    "os_version": SignalKind(str, 30 * DAY, "the version of the operating system, such as 14.4.1"),
}
"""A signal nobody reported, or one older than its age, is unknown; ``reported_within`` replaces the age given here."""

OS_VERSION = "os_version"

PLATFORMS = (
    "windows",
    "macos",
    "linux",
    "debian",
    "ubuntu",
    "fedora",
    "rhel",
    "chromeos",
    "freebsd",
    "ios",
    "ipados",
    "android",
)
TRUSTS = tuple(trust.value for trust in Trust)
PROOFS = tuple(proof.value for proof in Proof)
FACTORS = tuple(factor.value for factor in Factor)
OWNERS = ("self", "shared", "other")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_CODES = """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY
    BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK
    FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR
    IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK
    ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM
    PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF
    TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""
COUNTRIES = frozenset({*_CODES.split(), "XK"})
"""ISO 3166-1 alpha-2, and XK, by which databases of places know Kosovo."""

MISTAKEN_ZONES = {"JST": "Asia/Tokyo", "BST": "Europe/London", "PST": "America/Los_Angeles", "IST": "Asia/Kolkata"}
MISTAKEN_COUNTRIES = {"UK": "GB", "EL": "GR", "JAPAN": "JP", "USA": "US"}
