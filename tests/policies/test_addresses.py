"""Addresses and ranges: strict reading, and a search that agrees with the standard library's."""

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.addresses import V4, V6, RangeIndex, number


@pytest.mark.parametrize(
    ("address", "read"),
    [
        ("0.0.0.0", (V4, 0)),
        ("192.0.2.7", (V4, 0xC0000207)),
        ("255.255.255.255", (V4, 0xFFFFFFFF)),
        ("::1", (V6, 1)),
        ("::ffff:192.0.2.7", (V4, 0xC0000207)),
        ("fe80::1%eth0", (V6, 0xFE80 << 112 | 1)),
    ],
)
def test_an_address_is_a_number(address: str, read: tuple[int, int]) -> None:
    assert number(address) == read


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1.2.3",
        "1.2.3.4.5",
        "1.2.3.256",
        "1.2.3.04",
        "1.2.3.-1",
        " 1.2.3.4",
        "1.2.3.4 ",
        "１.2.3.4",
        "::g",
        "host",
        "1::2::3",
    ],
)
def test_what_is_not_exactly_an_address_is_none(text: str) -> None:
    assert number(text) is None


def test_ranges_may_lie_in_one_another() -> None:
    index = RangeIndex(
        {
            "all": [ip_network("0.0.0.0/0")],
            "office": [ip_network("192.0.2.0/24"), ip_network("2001:db8::/32")],
            "desk": [ip_network("192.0.2.255/32"), ip_network("192.0.2.254/31")],
            "end": [ip_network("255.255.255.255/32")],
        }
    )

    def names(address: str) -> set[str]:
        bits = index.find(address)
        assert bits is not None
        return set(index.spelt(bits))

    assert names("192.0.2.253") == {"all", "office"}
    assert names("192.0.2.254") == names("192.0.2.255") == {"all", "office", "desk"}
    assert names("192.0.3.0") == names("0.0.0.0") == {"all"}
    assert names("255.255.255.255") == {"all", "end"}
    assert names("2001:db8::1") == {"office"}
    assert names("::") == names("2001:db9::") == set()
    assert index.find("nowhere") is None


RANGES = st.lists(
    st.one_of(
        st.builds(lambda n, p: ip_network((n, p), strict=False), st.integers(0, 2**32 - 1), st.integers(0, 32)),
        st.builds(lambda n, p: ip_network((n, p), strict=False), st.integers(2**32, 2**128 - 1), st.integers(0, 128)),
    ),
    max_size=4,
)


@settings(max_examples=100, deadline=None)
@given(named=st.dictionaries(st.sampled_from("abcdef"), RANGES), data=st.data())
def test_the_search_agrees_with_looking_at_every_range(named: dict[str, list], data: st.DataObject) -> None:  # type: ignore[type-arg]
    edges = [one[place] for ranges in named.values() for one in ranges for place in (0, -1)]
    address = str(data.draw(st.one_of(st.ip_addresses(), st.sampled_from(edges or [ip_address("::")]))))
    index = RangeIndex(named)
    found = ip_address(address)
    plain = getattr(found, "ipv4_mapped", None) or found

    bits = index.find(address)

    assert bits is not None
    assert bits in index.sets()
    assert index.spelt(bits) == {name for name, ranges in named.items() if any(plain in one for one in ranges)}
