"""Writes small MaxMind DB files (format 2.0, 24-bit records): a tree over address bits, then the data it points to.

https://maxmind.github.io/MaxMind-DB/: a record below the node count is the next node, equal to it means nothing is
known, and above it is an offset into the data section, which begins 16 zero octets after the tree. IPv4 stands in the
IPv6 tree below ``::/96``.
"""

import struct
import time
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Any

MARKER = b"\xab\xcd\xefMaxMind.com"
EMPTY = -1
UTF8, DOUBLE, UINT16, UINT32, MAP, UINT64, ARRAY, BOOLEAN = 2, 3, 5, 6, 7, 9, 11, 14


def write_mmdb(
    path: Path, networks: Mapping[str, Any], kind: str = "GeoLite2-City", built: float | None = None, version: int = 6
) -> Path:
    """Write a database of ``networks`` (CIDR to record), built at ``built`` (seconds since 1970, default: now)."""
    tree: list[list[int]] = [[EMPTY, EMPTY]]
    data, offsets = b"", {}
    # Wide ranges first, so that a narrow one inside refines what the wide one says.
    for network in sorted(map(ip_network, networks), key=lambda one: one.prefixlen):
        record = encode(networks[str(network)])
        if record not in offsets:
            offsets[record] = len(data)
            data += record
        wide = network.version == 4 and version == 6
        bits = f"{int(network.network_address):0{128 if version == 6 else 32}b}"
        _insert(tree, bits[: network.prefixlen + (96 if wide else 0)], offsets[record])
    metadata = {
        "node_count": Uint32(len(tree)),
        "record_size": Uint16(24),
        "ip_version": Uint16(version),
        "database_type": kind,
        "languages": ["en"],
        "binary_format_major_version": Uint16(2),
        "binary_format_minor_version": Uint16(0),
        "build_epoch": Uint64(int(time.time() if built is None else built)),
        "description": {"en": "made by a test"},
    }
    nodes = b"".join(_record(side, len(tree)) for node in tree for side in node)
    path.write_bytes(nodes + bytes(16) + data + MARKER + encode(metadata))
    return path


class Uint16(int):
    """A number of that type."""


class Uint32(int):
    """A number of that type."""


class Uint64(int):
    """A number of that type."""


def encode(value: Any) -> bytes:
    """Return a value as the data section writes it: a control octet with type and size, then the content."""
    if isinstance(value, bool):
        return _control(BOOLEAN, int(value))
    if isinstance(value, str):
        text = value.encode()
        return _control(UTF8, len(text)) + text
    if isinstance(value, float):
        return _control(DOUBLE, 8) + struct.pack(">d", value)
    if isinstance(value, int):
        kind = {Uint16: UINT16, Uint64: UINT64}.get(type(value), UINT32)
        octets = value.to_bytes((value.bit_length() + 7) // 8, "big")
        return _control(kind, len(octets)) + octets
    if isinstance(value, list):
        return _control(ARRAY, len(value)) + b"".join(map(encode, value))
    return _control(MAP, len(value)) + b"".join(encode(key) + encode(each) for key, each in value.items())


def _control(kind: int, size: int) -> bytes:
    """Sizes from 29 on are written beside the control octet; types from 8 on in an octet of their own."""
    short, more = (size, b"") if size < 29 else (29, bytes([size - 29]))
    assert size < 29 + 256
    return (bytes([kind << 5 | short]) if kind < 8 else bytes([short, kind - 7])) + more


def _insert(tree: list[list[int]], bits: str, offset: int) -> None:
    node = 0
    for bit in map(int, bits[:-1]):
        below = tree[node][bit]
        if below < 0:
            tree.append([below, below])
            below = tree[node][bit] = len(tree) - 1
        node = below
    tree[node][int(bits[-1])] = EMPTY - 1 - offset


def _record(side: int, count: int) -> bytes:
    value = side if side >= 0 else count if side == EMPTY else count + 16 + (EMPTY - 1 - side)
    return value.to_bytes(3, "big")
