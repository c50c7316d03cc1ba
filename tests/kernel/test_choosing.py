"""Which backend serves whom, and what an operator is told when nobody could ever be led to one."""

from pathlib import Path

import pytest

from kernel.config.choosing import Choices, read_table
from kernel.config.reader import read_settings
from kernel.config.settings import Backend, Endpoint, Upstream
from kernel.problems import Invalid
from kernel.records.people import User

HERE = Upstream(Endpoint("127.0.0.1", 143))
ANNA = User("u_1", "anna", "anna@example.org", attributes={"site": "tokyo"})
GENERAL = Backend("general", imap=HERE)
OWN = Backend("own", imap=HERE, domains=("example.org",))
OTHER = Backend("other", imap=HERE, domains=("example.com",))
TOKYO = Backend("tokyo", imap=HERE, attributes={"site": "tokyo"})
BOTH = Backend("both", imap=HERE, domains=("example.com",), attributes={"site": "tokyo"})
OUTGOING = Backend("outgoing", submission=HERE, domains=("example.org",))

SITE = '[site]\nname = "E"\nissuer = "https://id.example.com"\nstate = "s"\n'
BACKEND = '[[backend]]\nname = "{}"\n{}\n[backend.imap]\naddress = "127.0.0.1:143"\n'


def chosen(*backends: Backend, service: str = "imap", table: dict[str, str] | None = None) -> str:
    found = Choices(backends, service, table).of(ANNA)
    return found[0].name if found else ""


def test_the_table_then_an_attribute_then_the_domain_then_the_default() -> None:
    everything = (GENERAL, OTHER, BOTH, OWN, OUTGOING, TOKYO)
    assert chosen(*everything, table={"anna": "other"}) == "other"
    assert chosen(*everything, table={"anna@example.org": "both"}) == "both"
    assert chosen(*everything, table={"ben": "other"}) == "tokyo"
    assert chosen(GENERAL, OTHER, OWN) == "own"
    assert chosen(OTHER, BOTH, GENERAL) == "general"
    assert chosen(OTHER, BOTH) == ""


def test_a_backend_without_the_protocol_is_as_if_it_were_not_there() -> None:
    assert chosen(GENERAL, OUTGOING, TOKYO, service="submission") == "outgoing"
    assert chosen(GENERAL, OUTGOING, service="submission", table={"anna": "general"}) == "outgoing"


def test_a_table_is_read_and_its_faults_have_their_place() -> None:
    text = "# who is where\nanna tokyo\nBen@Example.org  osaka # moved\n\n"
    assert read_table(text, "t", ["tokyo", "osaka"]) == {"anna": "tokyo", "ben@example.org": "osaka"}
    with pytest.raises(Invalid) as refused:
        read_table("anna tokio\nben\ncleo tokyo\nCLEO osaka\n", "t", ["tokyo", "osaka"])
    assert [str(problem) for problem in refused.value.problems] == [
        "t:1:1: there is no backend `tokio` - did you mean `tokyo`?",
        "t:2:1: a line has a user and a backend - for example: `anna@example.com tokyo`",
        "t:4:1: `cleo` stands here twice - leave one of the lines out".replace("cleo", "CLEO"),
    ]


def test_a_table_of_faults_tells_the_first_twenty() -> None:
    with pytest.raises(Invalid) as refused:
        read_table("x y z\n" * 1000, "t", ["tokyo"])
    assert len(refused.value.problems) == 20


NEVER = "give it `domains` or `attributes` of its own, or name it in a lookup table: [mailboxes] lookup"


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        (BACKEND.format("a", "") + BACKEND.format("b", 'attributes = { site = "tokyo" }'), []),
        (
            BACKEND.format("a", "") + BACKEND.format("b", ""),
            [f"gatepost.toml:10:1: `a` serves everybody already, so that `b` is not asked - {NEVER}"],
        ),
        (BACKEND.format("a", "") + BACKEND.format("b", "") + '[mailboxes]\nlookup = "t"\n', []),
        (
            BACKEND.format("a", 'domains = ["x.org"]') + BACKEND.format("b", 'domains = ["y.org", "x.org"]'),
            ["gatepost.toml:12:1: `a` serves the mail domain `x.org` already, so that `b` is not asked - " + NEVER],
        ),
        (
            BACKEND.format("a", 'domains = ["anna@X.org"]'),
            ['gatepost.toml:7:1: `anna@X.org` is no mail domain in lower case - write "x.org"'],
        ),
        (
            BACKEND.format("a", 'attributes = { site = "" }'),
            ["gatepost.toml:7:1: an attribute has a name and a value"],
        ),
    ],
)
def test_backends_that_nobody_is_led_to(text: str, faults: list[str]) -> None:
    if not faults:
        read_settings(SITE + text, Path("/e/gatepost.toml"))
        return
    with pytest.raises(Invalid) as refused:
        read_settings(SITE + text, Path("/e/gatepost.toml"))
    assert [str(problem) for problem in refused.value.problems] == faults


def test_standby_addresses_are_read() -> None:
    text = SITE + BACKEND.format("a", "") + 'standby = ["[::1]:993", "b.example:993"]\n'
    (backend,) = read_settings(text, Path("/e/gatepost.toml")).backends
    assert backend.imap is not None and backend.imap.standby == (Endpoint("::1", 993), Endpoint("b.example", 993))
