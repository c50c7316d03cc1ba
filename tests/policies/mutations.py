"""Documents that nobody would write: shipped policies with pieces cut, doubled, moved and replaced, and heaps of the
language's own words. For hypothesis."""

import re
from pathlib import Path

from hypothesis import strategies as st

SHIPPED = [
    path.read_text(encoding="utf-8")
    for path in sorted((Path(__file__).parents[2] / "deploy" / "policies").glob("*.yaml"))
    if not path.name.endswith(".tests.yaml")
]
WHOLE = """version: 1
networks:
  office: [192.0.2.0/24, 2001:db8:10::/48]
  all: [0.0.0.0/0, '::/0']
postures:
  healthy: {reported_within: 24h, disk_encrypted: true, os: {macos: ">=14.4", windows: ">=10.0.22631"}}
rules:
  - name: everything there is
    who: {groups: [staff], not_users: [ken], attributes: {site: [tokyo]}}
    not_service: [console, "client:wiki"]
    device: {trust: managed, posture: healthy, not_platform: ios, owner: self, proof: [certificate]}
    network: {in: office, countries: [JP], not_asn: [64500], anonymous: false}
    when: {days: [mon, fri], not_between: "22:00-06:00", zone: Asia/Tokyo}
    signin: {factors: totp, age: 8h, not_new_device: true, new_country: false, impossible_travel: false}
    then: allow
    mode: report
    require: {factors: [totp, passkey], within: 15m}
    limits: {session: 1h, idle: 10m}
    say: {en: "Hello.", ja: "こんにちは。"}
never:
  - {name: never, device: {not_trust: managed}, outcome: allow}
"""
WORDS = [
    *("version", "1", "rules", "networks", "postures", "never", "name", "who", "not_who", "groups", "users", "service"),
    *("device", "trust", "managed", "network", "in", "countries", "JP", "asn", "64500", "when", "days", "mon", "zone"),
    *("signin", "age", "8h", "then", "allow", "deny", "require", "factors", "totp", "limits", "session", "say", "en"),
    *("true", "null", "~", "0x1F", "1e999", ".inf", "2024-01-01", "<<", "=", "!!str", "!x", "&a", "*a", "---", "..."),
    *(":", "-", "?", ",", "[", "]", "{", "}", "'", '"', "|", ">", "#", "%", "@", "`", "\t", "\n", "\n  ", "\n    - "),
    *("\u0000", "\u202e", "\u2028", "\ufeff", "\U0001f600", "é", "\ud800", "\x85", "\r", "\r\n", "", " "),
]
TOKEN = re.compile(r"[\w.:/*-]+|[^\w\s]|\s+")


@st.composite
def mutations(draw: st.DrawFn) -> str:
    """Return a policy with one to four changes made to it."""
    text = draw(st.sampled_from([WHOLE, *SHIPPED]))
    for _ in range(draw(st.integers(1, 4))):
        text = draw(st.sampled_from([of_characters, of_tokens, of_lines]))(draw, text)
    return text


def of_characters(draw: st.DrawFn, text: str) -> str:
    start = draw(st.integers(0, len(text)))
    end = min(len(text), start + draw(st.integers(0, 30)))
    return text[:start] + draw(st.one_of(st.sampled_from(WORDS), st.text(max_size=5))) + text[end:]


def of_tokens(draw: st.DrawFn, text: str) -> str:
    tokens = TOKEN.findall(text) or [""]
    at, other = (draw(st.integers(0, len(tokens) - 1)) for _ in range(2))
    tokens[at] = draw(st.sampled_from([tokens[other], tokens[at] * 2, "", draw(st.sampled_from(WORDS))]))
    return "".join(tokens)


def of_lines(draw: st.DrawFn, text: str) -> str:
    lines = text.split("\n")
    at, other = (draw(st.integers(0, len(lines) - 1)) for _ in range(2))
    how = draw(st.sampled_from(["delete", "double", "swap", "indent", "outdent", "cut"]))
    if how == "delete":
        del lines[at]
    elif how == "double":
        lines.insert(other, lines[at])
    elif how == "swap":
        lines[at], lines[other] = lines[other], lines[at]
    elif how == "cut":
        lines = lines[: at + 1]
    else:
        lines[at] = "  " + lines[at] if how == "indent" else lines[at].removeprefix("  ")
    return "\n".join(lines)


HEAPS = st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join)
"""The language's own words and YAML's own signs, in any order."""

DOCUMENTS: st.SearchStrategy[str | bytes] = st.one_of(
    mutations(),
    mutations(),
    HEAPS,
    HEAPS.map(lambda heap: f"version: 1\nrules:\n  - {heap}\n"),
    st.text(max_size=300),
    mutations().map(lambda text: text.encode("utf-8", "surrogatepass")[::-1]),
    st.tuples(mutations(), st.binary(min_size=1, max_size=4), st.integers(0, 2000)).map(
        lambda drawn: drawn[0].encode("utf-8", "surrogatepass")[: drawn[2]] + drawn[1]
    ),
)
