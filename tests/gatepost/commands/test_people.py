"""``gatepost user``, ``group``, ``device``, ``session`` and ``client``, as an admin types them."""

import io
import json
from pathlib import Path

import pytest

from tests.gatepost.commands.conftest import Terminal
from tests.idp.api.test_calls import signing_request


def test_users_and_groups(gatepost: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    assert gatepost("user", "list").out == "No users yet. Add the first: gatepost user add NAME --email ADDRESS\n"
    assert gatepost("group", "add", "staff", "--description", "everybody").out == "Group staff is made.\n"
    made = gatepost(
        "user", "add", "mika", "--email", "mika@example.com", "--display-name", "森 美香", "--group", "staff"
    )
    assert made.code == 0 and "invitation (works once): https://login.example.com/invited/" in made.out
    assert gatepost("user", "list").out.splitlines() == [
        "NAME  ADDRESS           FULL NAME  GROUPS  STATE",
        "mika  mika@example.com  森 美香    staff   enabled",
    ]
    changed = gatepost("user", "set", "mika", "--language", "ja", "--attribute", "site=tokyo", "--json")
    assert (changed.json["language"], changed.json["attributes"]) == ("ja", {"site": "tokyo"})
    wrong = gatepost("user", "set", "mika", "--attribute", "tokyo")
    assert (wrong.code, wrong.err) == (1, "gatepost: `tokyo` is not NAME=VALUE\n")
    assert "state       disabled" in gatepost("user", "disable", "mika").out
    assert "state       enabled" in gatepost("user", "enable", "mika").out
    assert gatepost("user", "invite", "mika").out.startswith("invitation (works once): ")
    assert gatepost("user", "reset", "mika").out.startswith("invitation (works once): ")
    monkeypatch.setattr("sys.stdin", io.StringIO("lantern orchard seventeen\n"))
    assert gatepost("user", "password", "mika", "--password-stdin").out == "The password of mika is set.\n"
    assert "factors  password" in gatepost("user", "show", "mika").out
    assert gatepost("group", "leave", "staff", "mika").out == "mika is not in staff.\n"
    assert gatepost("group", "join", "staff", "mika@example.com").out == "mika is in staff.\n"
    assert "mika  mika@example.com" in gatepost("group", "members", "staff").out
    assert "staff  1        everybody" in gatepost("group", "list").out
    assert gatepost("group", "remove", "staff").out == "Group staff is removed; it had 1 members.\n"
    assert gatepost("user", "remove", "mika").out == "mika is removed.\n"


def test_a_refusal_says_why_and_exits_with_1(gatepost: Terminal) -> None:
    gatepost("user", "add", "mika", "--email", "mika@example.com")
    said = gatepost("user", "show", "mikka")
    assert (said.code, said.out, said.err) == (1, "", "gatepost: There is no user `mikka`. Did you mean `mika`?\n")
    as_json = gatepost("user", "show", "mikka", "--json")
    assert (as_json.code, as_json.json["error"]) == (1, "There is no user `mikka`. Did you mean `mika`?")


def test_devices(gatepost: Terminal, tmp_path: Path) -> None:
    gatepost("user", "add", "mika", "--email", "mika@example.com")
    device = gatepost("device", "add", "mika", "laptop", "--platform", "debian", "--json").json["id"]
    request, certificate = tmp_path / "laptop.csr", tmp_path / "laptop.pem"
    request.write_text(signing_request())
    assert gatepost("device", "sign", device, str(request), "--out", str(certificate)).code == 0
    assert certificate.read_text().startswith("-----BEGIN CERTIFICATE-----")
    shown = gatepost("device", "signal", "mika/laptop", "disk_encrypted=true", "os_version=14.10").out
    assert "disk_encrypted  True" in shown and "os_version      14.10" in shown
    for act, trust in (("manage", "managed"), ("lose", "lost"), ("restore", "enrolled"), ("revoke", "revoked")):
        assert gatepost("device", act, device, "--note", "why").out == f"{device} (laptop, mika): {trust}\n"
    assert f"{device}  mika   laptop  revoked  debian" in gatepost("device", "list", "--owner", "mika").out
    assert gatepost("device", "signal", device, "nonsense").err == "gatepost: `nonsense` is not NAME=VALUE\n"
    assert gatepost("device", "list", "--trust", "loved").code == 1
    assert gatepost("device", "rename", device, "desk").out == f"{device} (desk, mika): revoked\n"
    assert gatepost("device", "remove", device).out == f"{device} (desk) is forgotten.\n"


def test_sessions(gatepost: Terminal) -> None:
    assert gatepost("session", "list").out == "Nobody is in.\n"
    mika = gatepost.runner.run(gatepost.home.user("mika"))
    for number in (1, 2):
        gatepost.home.session(number, mika)
    assert [line.split()[0] for line in gatepost("session", "list").out.splitlines()] == ["SESSION", "s_1", "s_2"]
    assert gatepost("session", "end", "s_1").out == "s_1 of mika is ended.\n"
    assert gatepost("session", "end", "--user", "mika").out == "1 sessions and 0 sign-ins are ended.\n"
    assert gatepost("session", "end").err == "gatepost: name one of: SESSION, --user, --device\n"


def test_clients(gatepost: Terminal) -> None:
    made = gatepost("client", "add", "Wiki", "--id", "wiki", "--redirect", "https://wiki.example.com/cb")
    assert "The secret is not shown again." in made.out
    assert "wiki    Wiki  confidential" in gatepost("client", "list").out
    assert gatepost("client", "add", "Bad", "--redirect", "http://wiki.example.com/#x").code == 1
    made = gatepost(
        "client", "add", "Roundcube", "--redirect", "https://m.example.com/cb", "--no-pkce", "--keep-refresh", "--json"
    )
    roundcube = json.loads(made.out)
    assert (roundcube["require_pkce"], roundcube["rotate_refresh"]) == (False, False)
    assert gatepost("client", "remove", "wiki").out == "wiki is removed.\n"
