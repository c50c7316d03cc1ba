"""The network that an address is in, where nothing better than the address itself tells. Pure."""

from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address

REMEMBERED = 4096


@lru_cache(maxsize=REMEMBERED)
def prefix(text: str) -> str:
    """Return the /24 (IPv4, also when mapped into IPv6) or /56 (IPv6) around an address, or ``unknown``."""
    try:
        parsed = ip_address(text)
    except ValueError:
        return "unknown"
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is None:
            return str(IPv6Network((int(parsed), 56), strict=False))
        parsed = parsed.ipv4_mapped
    return str(IPv4Network((int(parsed), 24), strict=False))
