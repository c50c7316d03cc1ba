"""A policy as a large organisation would write it: departments, contractors, applications, sites and hours; made, not
random, so that every run asks the same."""

from collections.abc import Iterator

DEPARTMENTS = tuple(f"dept-{number:02}" for number in range(30))
APPLICATIONS = tuple(f"client:app-{number:02}" for number in range(24))
COUNTRIES = ("JP", "DE", "US", "GB", "FR", "SG")

HEAD = """version: 1
networks:
  office: [192.0.2.0/24, 2001:db8:10::/48]
  branch: [198.51.100.0/25]
  vpn: [198.51.100.128/25]
  lab: [192.0.2.64/26, 203.0.113.0/24]
postures:
  healthy: {reported_within: 24h, disk_encrypted: true, screen_lock: true, firewall: true}
  patched: {os: {macos: ">=14.4", windows: ">=10.0.22631", debian: ">=12", ios: ">=17.5"}}
  clean: {jailbroken: false, compromised: false, antivirus: true}
"""

NEVERS = """never:
  - {name: a lost device opens nothing, device: {trust: [lost, revoked]}, outcome: allow}
  - name: contractors never reach the console
    who: {groups: contractors, not_groups: mail-admins}
    service: [console, ssh-admin]
    outcome: allow
  - name: mail programs never from a device that nobody knows
    service: [imap, submission, pop3]
    device: {trust: unknown}
    outcome: allow
"""


def text(extra: str = "", rules: int = 200) -> str:
    """Return the document, ``extra`` rules first."""
    return f"{HEAD}rules:\n{extra}{''.join(_rules(rules))}{NEVERS}"


def _rules(count: int) -> Iterator[str]:
    yield "  - {name: lost, device: {trust: [lost, revoked]}, then: deny}\n"
    yield (
        "  - {name: console, who: {groups: mail-admins}, service: [console, ssh-admin], network: {in: [office, vpn]},"
        " device: {trust: managed, posture: [healthy], proof: [certificate, browser-key]}, then: allow,"
        " require: {factors: passkey, within: 15m}, limits: {session: 1h, idle: 10m}}\n"
    )
    for number in range(count - 4):
        yield f"  - {{name: rule {number}, {_rule(number)}}}\n"
    yield "  - {name: portal, who: {groups: everyone}, service: portal, then: allow, require: {factors: [totp]}}\n"
    yield "  - {name: the rest, device: {not_trust: [enrolled, managed]}, then: deny}\n"


def _rule(number: int) -> str:
    group = DEPARTMENTS[number % len(DEPARTMENTS)]
    app = APPLICATIONS[number % len(APPLICATIONS)]
    hours = f"0{number % 3 + 7}:00-2{number % 3}:00"
    country = COUNTRIES[number % len(COUNTRIES)]
    return (
        f"who: {{groups: {group}}}, service: [imap, submission],"
        f" device: {{trust: [enrolled, managed], posture: healthy, proof: [app-password, certificate]}}, then: allow",
        f"who: {{groups: {group}, not_groups: contractors}}, service: [webmail, '{app}'], device: {{trust: managed,"
        f" posture: [healthy, patched]}}, then: allow, require: {{factors: [totp, passkey]}}, limits: {{session: 8h}}",
        f"who: {{groups: [{group}, contractors]}}, service: '{app}', network: {{in: [office, branch]}}, "
        f"when: {{days: [mon, tue, wed, thu, fri], between: '{hours}', zone: Asia/Tokyo}},"
        f" then: allow, require: {{factors: totp, within: {number % 4 + 1}h}}",
        f"who: {{groups: {group}}}, service: webmail, network: {{countries: [{country}], not_in: lab}},"
        f" device: {{trust: enrolled, posture: clean}}, then: allow, limits: {{session: {number % 5 + 1}h}}",
        f"who: {{users: person-{number}@example.com}}, service: ['{app}', ssh], signin: {{age: 12h}}, then: allow",
        f"who: {{groups: {group}}}, service: [ssh, sieve], device: {{not_posture: clean}}, then: deny",
        f"who: {{groups: {group}, attributes: {{site: [tokyo, berlin]}}}}, service: '{app}',"
        f" signin: {{new_country: false}}, then: allow, mode: report",
    )[number % 7]
