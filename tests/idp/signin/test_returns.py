"""Open redirects (attack B32): whatever a browser could read as another host is no return address."""

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.signin.flow import Demand
from idp.signin.returns import Returns
from idp.signin.trip import Trip
from kernel.config.settings import Route
from kernel.records.sessions import Factor

ISSUER = "https://id.example.test"
RETURNS = Returns(ISSUER, [Route("webmail", "mail.example.test", ()), Route("wiki", "wiki.example.test:8443", ())])


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.test/",
        "//evil.test/",
        "///evil.test",
        "/\\evil.test",
        "\\/evil.test",
        "https:evil.test",
        "https:/evil.test",
        "https://id.example.test@evil.test/",
        "https://id.example.test.evil.test/",
        "https://id.example.test%2eevil.test/",
        "https://evil.test#https://id.example.test/",
        "https://evil.test\\.id.example.test/",
        "http://id.example.test/",
        "https://mail.example.test:444/",
        "HTTPS://evil.test/",
        "javascript:alert(1)",
        "data:text/html,x",
        "/\t/evil.test",
        "/\n/evil.test",
        " //evil.test",
        "portal",
        "",
        "/" + "x" * 5000,
    ],
)
def test_foreign_addresses_become_the_fallback(address: str) -> None:
    assert RETURNS.safe(address) == "/portal"


@pytest.mark.parametrize(
    "address",
    ["/", "/portal/devices?a=b", f"{ISSUER}/portal", "https://mail.example.test/x?y", "https://wiki.example.test:8443"],
)
def test_own_addresses_pass(address: str) -> None:
    assert RETURNS.safe(address) == address


@given(st.text() | st.from_regex(r"[/\\:@.a-z#?%]{0,12}(evil\.test)?[/\\:@.a-z#?%]{0,12}", fullmatch=True))
def test_whatever_passes_stays_on_our_hosts(address: str) -> None:
    reached = urlsplit(urljoin(f"{ISSUER}/signin", RETURNS.safe(address)))
    assert (reached.scheme, reached.netloc) in {
        ("https", "id.example.test"),
        ("https", "mail.example.test"),
        ("https", "wiki.example.test:8443"),
    }


@pytest.mark.parametrize(
    ("address", "origins"),
    [
        ("/portal", ()),
        ("/enter?route=webmail&state=x", ("https://mail.example.test",)),
        ("/prove?route=wiki", ("https://wiki.example.test:8443",)),
        ("/enter?route=elsewhere", ()),
        ("https://mail.example.test/inbox", ("https://mail.example.test",)),
        ("/signin/device?to=%2Fenter%3Froute%3Dwebmail", ("https://mail.example.test",)),
        ("/oauth2/authorize?redirect_uri=https%3A%2F%2Fapp.test%2Fcb", ("https://app.test",)),
        ("/oauth2/authorize?redirect_uri=http%3A%2F%2F127.0.0.1%3A4711%2F", ("http://127.0.0.1:4711",)),
        ("/oauth2/authorize?redirect_uri=com.example.app%3A%2Fcb", ("com.example.app:",)),
        ("/oauth2/authorize?redirect_uri=https%3A%2F%2Fa.test%20x%3B%2F", ()),
    ],
)
def test_the_pages_name_where_their_forms_end(address: str, origins: tuple[str, ...]) -> None:
    assert RETURNS.ends_at(address) == origins


demands = st.builds(
    Demand,
    st.lists(st.sampled_from(list(Factor)), unique=True, max_size=3).map(tuple),
    st.none() | st.integers(0, 10**6).map(float),
    st.booleans(),
    st.integers(0, 2 * 10**9).map(float),
    st.booleans(),
)


@given(demands, st.sampled_from(["/portal", "/enter?route=webmail&state=a%26b"]), st.text(max_size=50))
def test_a_trip_survives_its_own_query(demand: Demand, to: str, hint: str) -> None:
    trip = Trip(to, demand, hint)
    assert Trip.read(trip.fields(), RETURNS) == trip


@given(st.dictionaries(st.sampled_from(["to", "need", "within", "full", "since", "device", "hint"]), st.text()))
def test_a_mangled_trip_is_still_a_trip(given_fields: dict[str, str]) -> None:
    assert Trip.read(given_fields, RETURNS).to.startswith(("/", "https://"))
