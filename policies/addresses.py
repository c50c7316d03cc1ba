"""Client addresses as integers, and a search that tells in which ranges one lies.

Strict: what is not exactly an address is no address, and then every condition on networks is unknown. IPv4 written
inside IPv6 (``::ffff:192.0.2.1``) is the IPv4 address it stands for.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from ipaddress import IPv4Address, IPv6Address

from policies.model import Range

V4 = 4
V6 = 6
_OCTETS = {str(octet): octet for octet in range(256)}
_LIMITS = {V4: 1 << 32, V6: 1 << 128}
REMEMBERED = 10_000
"""Addresses of which an index remembers the answer: the same clients come again and again."""

_BEYOND_MAPPED = "::1:0:0:0"
"""The first address after those that are IPv4 in disguise."""


def number(address: str) -> tuple[int, int] | None:
    """Return (version, integer) of an address, or None."""
    try:
        if ":" in address:
            parsed = IPv6Address(address)
            mapped = parsed.ipv4_mapped
            return (V6, int(parsed)) if mapped is None else (V4, int(mapped))
        a, b, c, d = address.split(".")
        return V4, _OCTETS[a] << 24 | _OCTETS[b] << 16 | _OCTETS[c] << 8 | _OCTETS[d]
    except (ValueError, KeyError):
        return None


_KINDS = ((IPv4Address, V4), (IPv6Address, V6))


class RangeIndex:
    """Named ranges, searchable by address: one binary search over the points at which the answer changes.

    A set of names is an integer, one bit for each name in the order given.
    """

    def __init__(self, named: Mapping[str, Iterable[Range]]) -> None:
        self.names = tuple(named)
        self._starts: dict[int, list[int]] = {}
        self._sets: dict[int, list[int]] = {}
        for kind in (V4, V6):
            self._starts[kind], self._sets[kind] = _sweep(kind, list(named.values()))
        self._found: dict[str, int | None] = {}

    def sets(self) -> set[int]:
        """Return every combination of names that some address has."""
        return {bits for kind in (V4, V6) for bits in self._sets[kind]}

    def find(self, address: str) -> int | None:
        """Return the names of all ranges that hold ``address``, None when it is not an address."""
        try:
            return self._found[address]
        except KeyError:
            if len(self._found) >= REMEMBERED:
                self._found.clear()
            found = self._found[address] = self._search(address)
            return found

    def _search(self, address: str) -> int | None:
        numbered = number(address)
        if numbered is None:
            return None
        kind, value = numbered
        return self._sets[kind][bisect_right(self._starts[kind], value) - 1]

    def examples(self, usual: Iterable[str]) -> dict[int, str]:
        """Return an address for every combination of names that some address has: one of ``usual`` where it will do."""
        found: dict[int, str] = {}
        starts = (str(kind(start)) for kind, numbered in _KINDS for start in self._starts[numbered])
        for address in (*usual, *starts, _BEYOND_MAPPED):
            bits = self.find(address)
            if bits is not None:
                found.setdefault(bits, address)
        return found

    def spelt(self, bits: int) -> frozenset[str]:
        """Return the names that a set stands for."""
        return frozenset(name for bit, name in enumerate(self.names) if bits >> bit & 1)


def _sweep(kind: int, ranges: Sequence[Iterable[Range]]) -> tuple[list[int], list[int]]:
    """Return the sorted starts of intervals and the names that hold in each; together they cover every address."""
    edges: dict[int, list[tuple[int, int]]] = {0: []}
    for bit, several in enumerate(ranges):
        for one in several:
            if one.version == kind:
                edges.setdefault(int(one.network_address), []).append((bit, 1))
                edges.setdefault(int(one.broadcast_address) + 1, []).append((bit, -1))
    depth = [0] * len(ranges)
    bits = 0
    starts, sets = [], []
    for edge in sorted(edge for edge in edges if edge < _LIMITS[kind]):
        for bit, step in edges[edge]:
            depth[bit] += step
            bits = bits | 1 << bit if depth[bit] else bits & ~(1 << bit)
        starts.append(edge)
        sets.append(bits)
    return starts, sets
