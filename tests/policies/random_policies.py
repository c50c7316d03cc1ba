"""Random documents and random facts for hypothesis, drawn from few words so that they meet often."""

from typing import Any

from hypothesis import strategies as st

from kernel.records.devices import Device, Proof, Signal, Trust
from kernel.records.people import User
from kernel.records.sessions import Factor
from policies.facts import Facts

NOW = 1_800_000_000.0
"""A Friday, 08:00 UTC."""

SERVICES = ["portal", "webmail", "imap", "submission", "client:wiki", "client:crm", "client:*"]
GROUPS = ["staff", "sales", "contractors"]
NETWORKS = {
    "office": ["192.0.2.0/24", "2001:db8:10::/48"],
    "floor": ["192.0.2.64/26"],
    "vpn": ["198.51.100.7", "192.0.2.64/27"],
    "all": ["0.0.0.0/0", "::/0"],
}
ADDRESSES = [
    *("192.0.2.1", "192.0.2.63", "192.0.2.64", "192.0.2.96", "192.0.3.0", "198.51.100.7", "255.255.255.255"),
    *("2001:db8:10::1", "2001:db8:11::", "::ffff:192.0.2.70", "", "192.0.2", "host", "192.0.2.064"),
]
POSTURES: dict[str, dict[str, Any]] = {
    "healthy": {"reported_within": "24h", "disk_encrypted": True, "firewall": True},
    "patched": {"os": {"macos": ">=14.4", "windows": ">=10.0.22631"}},
    "clean": {"jailbroken": False, "antivirus": True},
    "reporting": {"reported_within": "1h"},
}
ZONES = ["Asia/Tokyo", "Europe/Berlin", "America/New_York", "UTC"]
AGES = ["5m", "1h", "24h", "40d"]
STAMPS = st.sampled_from(
    [NOW - 30, NOW - 301, NOW - 3600, NOW - 5000, NOW - 90_000, NOW - 40 * 86400, NOW + 60, NOW + 900]
)

VALUES: list[Any] = [True, True, False, "yes"]
VERSIONS: list[Any] = ["14.4", "14.4.0", "14.3.9", "10.0.22631.1", "15", "unknown", 14.5]
PLATFORMS = ["macos", "windows", "linux"]


def some(words: list[Any]) -> st.SearchStrategy[Any]:
    """Return one word, or a list of some."""
    return st.one_of(st.sampled_from(words), st.lists(st.sampled_from(words), min_size=1, max_size=3, unique=True))


LEAVES: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "who": {
        "users": some(["mika", "ken@example.com", "nobody"]),
        "groups": some(GROUPS),
        "attributes": st.dictionaries(
            st.sampled_from(["site", "team"]), some(["tokyo", "berlin", "red"]), min_size=1, max_size=2
        ),
    },
    "device": {
        "trust": some([trust.value for trust in Trust]),
        "posture": some(list(POSTURES)),
        "platform": some(PLATFORMS),
        "owner": some(["self", "shared", "other"]),
        "proof": some([proof.value for proof in Proof]),
    },
    "network": {
        "in": some(list(NETWORKS)),
        "countries": some(["JP", "DE", "US"]),
        "asn": some([64500, 64501]),
        "anonymous": st.booleans(),
    },
    "signin": {
        "factors": some([factor.value for factor in Factor]),
        "age": st.sampled_from(AGES),
        "new_device": st.booleans(),
        "new_country": st.booleans(),
        "impossible_travel": st.booleans(),
    },
    "when": {
        "days": some(["mon", "tue", "thu", "fri", "sat", "sun"]),
        "between": st.sampled_from(
            ["07:00-22:00", "22:00-06:00", "08:00-08:01", "16:30-17:00", "00:00-24:00", "09:00-24:00"]
        ),
    },
}


@st.composite
def section(draw: st.DrawFn, name: str) -> dict[str, Any]:
    """Return one section of a rule: one or two of its keys, some as their ``not_`` twins."""
    keys = draw(st.lists(st.sampled_from(list(LEAVES[name])), min_size=1, max_size=2, unique=True))
    found: dict[str, Any] = {}
    for key in keys:
        found[draw(st.sampled_from([key, key, f"not_{key}"]))] = draw(LEAVES[name][key])
    if name == "when":
        found["zone"] = draw(st.sampled_from(ZONES))
    return found


@st.composite
def rule(draw: st.DrawFn, number: int) -> dict[str, Any]:
    """Return a rule."""
    found: dict[str, Any] = {"name": f"r{number}"}
    if draw(st.booleans()):
        found[draw(st.sampled_from(["service", "service", "not_service"]))] = draw(some(SERVICES))
    for name in draw(st.lists(st.sampled_from(list(LEAVES)), max_size=3, unique=True)):
        found[name] = draw(section(name))
    found["then"] = draw(st.sampled_from(["allow", "allow", "deny"]))
    if found["then"] == "allow" and draw(st.integers(0, 3)) == 0:
        found["require"] = {"factors": draw(some(["totp", "passkey", "password"]))}
        if draw(st.booleans()):
            found["require"]["within"] = draw(st.sampled_from(AGES))
    if draw(st.integers(0, 4)) == 0:
        found["mode"] = "report"
    return found


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Return a whole policy as Python values."""
    count = draw(st.integers(0, 8))
    rules = [draw(rule(number)) for number in range(count)]
    return {"version": 1, "networks": NETWORKS, "postures": POSTURES, "rules": rules}


@st.composite
def signals(draw: st.DrawFn) -> dict[str, Signal]:
    """Return what a device reported: some signals, some stale, some of the wrong type."""
    names = ["disk_encrypted", "firewall", "jailbroken", "antivirus"]
    found = {
        name: Signal(draw(st.sampled_from(VALUES)), draw(STAMPS))
        for name in draw(st.lists(st.sampled_from(names), unique=True))
    }
    if draw(st.booleans()):
        found["os_version"] = Signal(draw(st.sampled_from(VERSIONS)), draw(STAMPS))
    return found


USERS = st.one_of(
    st.none(),
    st.builds(
        User,
        id=st.just("user_1"),
        name=st.just("mika"),
        email=st.sampled_from(["mika@example.com", "ken@example.com"]),
        groups=st.frozensets(st.sampled_from(GROUPS)),
        attributes=st.dictionaries(st.sampled_from(["site", "team"]), st.sampled_from(["tokyo", "berlin", "red"])),
    ),
)
DEVICES = st.one_of(
    st.none(),
    st.builds(
        Device,
        id=st.just("device_1"),
        name=st.just("laptop"),
        owner=st.sampled_from(["", "user_1", "user_2"]),
        trust=st.sampled_from(Trust),
        platform=st.sampled_from(["", *PLATFORMS]),
        signals=signals(),
    ),
)
MAYBE = st.sampled_from([None, True, False])
MOMENTS = st.one_of(st.just(NOW), st.floats(NOW, NOW + 14 * 86400), st.floats(1_792_850_000, 1_793_560_000))
"""Now, some day of the next two weeks, or around the end of European and American summer time in 2026."""

FACTS = st.builds(
    Facts,
    service=st.sampled_from(["portal", "webmail", "imap", "submission", "client:wiki", "client:other", "ssh"]),
    now=MOMENTS,
    address=st.sampled_from(ADDRESSES),
    user=USERS,
    device=DEVICES,
    proof=st.sampled_from(Proof),
    factors=st.dictionaries(st.sampled_from(Factor), STAMPS, max_size=3),
    signin_at=st.one_of(st.none(), STAMPS),
    new_device=MAYBE,
    new_country=MAYBE,
    impossible_travel=MAYBE,
    country=st.sampled_from([None, "JP", "DE", "FR"]),
    asn=st.sampled_from([None, 64500, 64502]),
    anonymous=MAYBE,
)
