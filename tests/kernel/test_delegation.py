"""gatepost.toml: enforcers and the routes that they carry; what is read, and how each fault is told, with its place."""

from pathlib import Path

import pytest

from kernel.config.reader import read_settings
from kernel.config.settings import Endpoint, Settings
from kernel.problems import Invalid

SOURCE = Path("/etc/gatepost/gatepost.toml")
SITE = '[site]\nname = "Example"\nissuer = "https://id.example.com"\nstate = "state"\n'
WEB = '[[listen]]\nname = "w"\nservice = "web"\naddress = "h:1"\ncertificate = "c"\nkey = "k"\n'
ASKED = '[[listen]]\nname = "d"\nservice = "decisions"\naddress = "127.0.0.1:9091"\ntls = "none"\n'
EDGE = '[[enforcer]]\nname = "edge"\nsecret_file = "edge.secret"\n'
ROUTE = '[[route]]\nname = "wiki"\nhost = "wiki.example.com"\n'
BACKEND = '[[backend]]\nname = "mail"\naudience = "mail"\n'
MAIL = '[[enforcer.mail]]\nbackend = "mail"\nimap = "127.0.0.1:10143"\n'


def read(text: str) -> Settings:
    return read_settings(SITE + WEB + text, SOURCE)


def faults(text: str) -> list[str]:
    """Return every fault of a text, its lines counted from the text's own first one."""
    with pytest.raises(Invalid) as refused:
        read(text)
    above = (SITE + WEB).count("\n")
    return [
        f"{each.place.line - above}:{each.place.column}: {each.what} - {each.hint}" for each in refused.value.problems
    ]


def test_an_enforcer_its_route_and_its_mail_servers() -> None:
    settings = read(ASKED + EDGE + MAIL + ROUTE + 'enforcers = ["edge"]\n' + BACKEND)
    (enforcer,), (route,) = settings.enforcers, settings.routes
    assert enforcer.secret_file == Path("/etc/gatepost/edge.secret")
    assert enforcer.networks == ("127.0.0.1/32", "::1/128")
    assert [(each.backend, each.imap, each.smtp) for each in enforcer.mail] == [
        ("mail", Endpoint("127.0.0.1", 10143), None)
    ]
    assert (route.enforcers, route.upstreams) == (("edge",), ())


CASES = [
    pytest.param(
        ASKED + '[[enforcer]]\nname = "edge"\n',
        "6:1: anybody could pretend to be enforcer `edge` - "
        "set `secret_file` (or `certificate`), and give the proxy the same",
        id="no secret",
    ),
    pytest.param(
        EDGE,
        '1:1: there is no listener at which enforcer `edge` could ask - add a [[listen]] with service = "decisions"',
        id="no listener",
    ),
    pytest.param(
        ASKED.replace("127.0.0.1", "192.0.2.1") + EDGE,
        "5:1: cookies and identities would be asked about in clear - "
        'use tls = "implicit"; "none" is for 127.0.0.1, ::1 and localhost',
        id="in clear over a network",
    ),
    pytest.param(
        ASKED.replace("none", "starttls") + EDGE,
        '5:1: HTTP knows no STARTTLS - use "implicit", or on loopback "none"',
        id="starttls",
    ),
    pytest.param(
        ASKED + EDGE + 'certificate = "edge.pem"\n',
        '9:1: no listener for "decisions" asks for a certificate - '
        "set `client_certificate = true` and TLS at that listener",
        id="nobody asks for the certificate",
    ),
    pytest.param(
        ASKED + EDGE + "networks = []\n",
        "9:1: enforcer `edge` can be nowhere - name the networks it stands in",
        id="nowhere",
    ),
    pytest.param(
        ASKED + EDGE + 'networks = ["192.0.2.7/24"]\n',
        "9:1: `192.0.2.7/24` is no network - write 192.0.2.0/24 for the network, 192.0.2.7 for the address",
        id="a network with host bits",
    ),
    pytest.param(ASKED + EDGE + EDGE, "10:1: the name `edge` is used twice - ", id="twice"),
    pytest.param(
        ASKED + EDGE + ROUTE + 'enforcers = ["egde"]\n',
        "12:1: there is no enforcer `egde` - did you mean `edge`?",
        id="an enforcer misspelt",
    ),
    pytest.param(
        ASKED + EDGE + ROUTE + 'enforcers = ["edge"]\nupstreams = ["http://127.0.0.1:1"]\n',
        "12:1: route `wiki` is carried by us, or by its enforcers, not by both - leave out `upstreams`, or `enforcers`",
        id="carried twice",
    ),
    pytest.param(
        ROUTE,
        "1:1: route `wiki` has no upstream - name `upstreams` that we carry it to, or `enforcers` that ask us",
        id="carried by nobody",
    ),
    pytest.param(
        ASKED + EDGE + MAIL.replace('"mail"', '"male"') + BACKEND,
        "10:1: there is no backend `male` - did you mean `mail`?",
        id="a backend misspelt",
    ),
    pytest.param(
        ASKED + EDGE + MAIL + BACKEND + 'login = "authzid"\nmaster_user = "m"\nsecret_file = "s"\n',
        "10:1: nginx cannot log in by login = authzid - "
        "a mail proxy can hand on a name and a password: token or master",
        id="a login that nginx cannot say",
    ),
    pytest.param(
        ASKED + EDGE + '[[enforcer.mail]]\nbackend = "mail"\n' + BACKEND,
        "9:1: these mail servers are none - name at least one of `imap`, `pop3` and `smtp`",
        id="no server",
    ),
    pytest.param(
        ASKED + EDGE + MAIL.replace("127.0.0.1", "mail.internal") + BACKEND,
        "11:1: `mail.internal` is no address, and nginx looks up no names here - ",
        id="a name for an address",
    ),
    pytest.param(
        ASKED + EDGE + MAIL.replace("127.0.0.1", "8.8.8.8") + BACKEND,
        "11:1: logins and mail would go to 8.8.8.8 in clear - "
        "put a server on this machine, or in a private network, between them",
        id="mail in clear",
    ),
    pytest.param(
        ASKED + EDGE + 'sceret_file = "x"\n',
        "9:1: unknown key `sceret_file` - did you mean `secret_file`?",
        id="unknown",
    ),
]


@pytest.mark.parametrize(("text", "fault"), CASES)
def test_each_fault_has_its_place_and_a_hint(text: str, fault: str) -> None:
    assert fault in faults(text)
