"""gatepost.toml: what is read, and how each fault is told, with its place."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.config.reader import read_settings
from kernel.config.settings import Endpoint, Login, Settings, Tls
from kernel.problems import Invalid

SOURCE = Path("/etc/gatepost/gatepost.toml")
SITE = '[site]\nname = "Example"\nissuer = "https://id.example.com"\nstate = "state"\n'
WEB = '[[listen]]\nname = "w"\nservice = "web"\naddress = "h:1"\ncertificate = "c"\nkey = "k"\n'
ROUTE = '[[route]]\nname = "mail"\nhost = "mail.example.com"\nupstreams = ["http://127.0.0.1:8080"]\n'
CLEAR = '[[backend]]\nname = "a"\n[backend.imap]\naddress = "{host}:143"\ntls = "none"\n'
UPSTREAM = "gatepost.toml:8:1: `{0}` is no upstream - http://host:port, https://host:port or unix:/path"


def faults(text: str) -> list[str]:
    with pytest.raises(Invalid) as refused:
        read_settings(text, SOURCE)
    return [str(problem) for problem in refused.value.problems]


def test_a_small_file_and_its_defaults() -> None:
    settings = read_settings(SITE, SOURCE)
    assert settings.site.state == Path("/etc/gatepost/state")
    assert settings.database == Path("/etc/gatepost/state/gatepost.db")
    assert settings.proxy.max_stale == 30.0
    assert settings.source == SOURCE


def test_a_whole_file() -> None:
    settings = read_settings(
        SITE
        + WEB
        + """
[[listen]]
name = "imaps"
service = "imap"
address = "[::1]:993"
certificate = "tls.pem"
key = "/keys/tls.key"
client_certificate = true

[[route]]
name = "webmail"
host = "webmail.example.com"
upstreams = [
  "http://127.0.0.1:8080",   # a comment [with] brackets
  "http://127.0.0.1:8081",
]
session = "8h"
headers = { X-Remote-User = "email" }

[[backend]]
name = "mail"
login = "master"
master_user = "gatepost"
secret_file = "master.secret"
[backend.imap]
address = "127.0.0.1:143"
tls = "none"

[bounds]
letter = "25 MiB"
""",
        SOURCE,
    )
    (_, listener), (route,), (backend,) = settings.listen, settings.routes, settings.backends
    assert listener.address == Endpoint("::1", 993)
    assert (listener.tls, listener.certificate) == (Tls.IMPLICIT, Path("/etc/gatepost/tls.pem"))
    assert route.session == 8 * 3600 and route.headers == {"X-Remote-User": "email"}
    assert backend.login is Login.MASTER and backend.imap is not None and backend.imap.tls is Tls.NONE
    assert settings.bounds.letter == 25 * 1024 * 1024


CASES = [
    *(
        (
            SITE + ROUTE.replace('"mail"', f'"{name}"'),
            [
                f"gatepost.toml:6:1: the name `{name}` is taken by Gatepost itself"
                f" - call it for example `{name.lower()}-app`"
            ],
        )
        for name in ("csrf", "lang", "Device", "familiar", "state", "imap", "portal")
    ),
    (
        SITE + "[policy]\nsecond_aprover = true\nrollback_alone = 'soon'\n",
        [
            "gatepost.toml:6:1: unknown key `second_aprover` - did you mean `second_approver`?",
            'gatepost.toml:7:1: `rollback_alone`: a duration is expected: seconds, or "90s", "15m", "12h", "30d"',
        ],
    ),
    (
        SITE + "[policy]\nsecond_approver = true\nproposals_last = '10s'\n",
        [
            "gatepost.toml:7:1: nobody could approve a proposal in less than a minute"
            ' - write for example proposals_last = "7d"'
        ],
    ),
    (
        SITE + ROUTE.replace('"mail"', '"my mail"'),
        ["gatepost.toml:6:1: a route's name has letters, digits, `.`, `_` and `-`, at most 64"],
    ),
    *(
        (SITE + ROUTE.replace("http://127.0.0.1:8080", address), [UPSTREAM.format(address)])
        for address in (
            "127.0.0.1:8080",
            "ftp://h:1",
            "http://h:99999",
            "http://h:1/app",
            "http://u:p@h:1",
            "http://",
            "http://h h:1",
            "unix:relative",
        )
    ),
    (
        SITE + ROUTE.replace("mail.example.com", "ID.example.com"),
        [
            "gatepost.toml:7:1: this is the host of `issuer`: the identity pages would be out of reach"
            " - give the application a host (or port) of its own"
        ],
    ),
    (SITE + ROUTE + 'ca = "own.pem"\n', ["gatepost.toml:9:1: `ca` verifies https:// upstreams, and there is none"]),
    (
        SITE + CLEAR.format(host="10.0.0.7"),
        [
            "gatepost.toml:9:1: logins and mail would go to 10.0.0.7 in clear"
            ' - use tls = "implicit" or "starttls"; "none" is for 127.0.0.1, ::1 and localhost'
        ],
    ),
    (
        SITE + WEB.replace('"web"', '"imap"'),
        [
            "gatepost.toml:3:1: no listener serves `issuer`, so that nobody can sign in at id.example.com"
            ' - add a [[listen]] with service = "web"'
        ],
    ),
    (
        SITE + '[proxy]\nwebmails = ["192.0.2.0/24", "192.0.2.25/24"]\ntrusted_proxies = ["lb.example.com"]\n',
        [
            "gatepost.toml:6:1: `192.0.2.25/24` is no network"
            " - write 192.0.2.0/24 for the network, 192.0.2.25 for the address",
            'gatepost.toml:7:1: `lb.example.com` is no network - write for example "192.0.2.0/24" or "2001:db8::/64"',
        ],
    ),
    (SITE + '[idp]\nlogout_networks = ["10.0.0.0/33"]\n', None),
    ("", ["gatepost.toml:1:1: `site` is missing"]),
    ("[site]\nname = 1\n", None),
    (SITE + "[proxi]\nworkers = 2\n", ["gatepost.toml:5:1: unknown key `proxi` - did you mean `proxy`?"]),
    (SITE + "[proxy]\nmax_stall = 3\n", ["gatepost.toml:6:1: unknown key `max_stall` - did you mean `max_stale`?"]),
    (
        SITE + "[proxy]\nmax_stale = '1 week'\n",
        ['gatepost.toml:6:1: `max_stale`: a duration is expected: seconds, or "90s", "15m", "12h", "30d"'],
    ),
    (
        SITE + '[[listen]]\nname = "a"\nservice = "imapp"\naddress = "h:1"\ncertificate = "c"\nkey = "k"\n',
        ["gatepost.toml:7:1: no service `imapp` - did you mean `imap`?"],
    ),
    (
        SITE + '[[backend]]\nname = "a"\n[[backend]]\nname = "a"\nlogin = "tokens"\n',
        ["gatepost.toml:9:1: `login`: one of `token`, `master`, `authzid`, `none` is expected; did you mean `token`?"],
    ),
    (SITE + '[[backend]]\nname = "a"\n[[backend]]\nname = "a"\n', ["gatepost.toml:8:1: the name `a` is used twice"]),
    (
        SITE.replace("https", "http"),
        ["gatepost.toml:3:1: `issuer` is an https origin, for example https://id.example.com"],
    ),
    (SITE + "[[routes]]\nname = 'w'\n", None),
    ("[site\n", ["gatepost.toml:1:6: not TOML: Expected ']' at the end of a table declaration"]),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_each_fault_is_told_with_its_place(text: str, expected: list[str] | None) -> None:
    told = faults(text)
    assert told
    assert expected is None or told == expected


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.0.1", "[::1]", "localhost"])
def test_a_backend_on_this_machine_may_be_reached_in_clear(host: str) -> None:
    (backend,) = read_settings(SITE + CLEAR.format(host=host), SOURCE).backends
    assert backend.imap is not None and backend.imap.tls is Tls.NONE


@pytest.mark.parametrize("address", ["http://[::1]:8080", "https://app.example.com", "http://h:1/", "unix:/run/a.sock"])
def test_an_application_is_reached_over_http_https_or_a_socket(address: str) -> None:
    text = SITE + WEB + ROUTE.replace("http://127.0.0.1:8080", address)
    assert read_settings(text, SOURCE).routes[0].upstreams == (address,)


def test_an_application_with_an_authority_of_its_own() -> None:
    text = SITE + ROUTE.replace("http://127", "https://127") + 'ca = "own.pem"\n'
    assert read_settings(text, SOURCE).routes[0].ca == Path("/etc/gatepost/own.pem")


def test_all_faults_are_told_at_once_in_the_order_of_the_text() -> None:
    told = faults('[site]\nnam = "x"\nissuer = 3\nstate = "s"\n[bounds]\nline = "8 elephants"\n')
    assert [line.split(":")[1] for line in told] == ["1", "2", "3", "6"]


@given(st.text(max_size=400) | st.text(alphabet="[]{}=\"'\n#.sitename1 ", max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        assert isinstance(read_settings(text, SOURCE), Settings)
    except Invalid as refused:
        assert refused.problems
