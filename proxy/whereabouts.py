"""Where a person is when the connection is not theirs: a webmail server of ours speaks for a browser elsewhere. Pure.

Believed only of the webmails that the configuration names, and only with a token that stands on a browser's sign-in.
"""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from kernel.authority import Attempt, Subject

Networks = Sequence[IPv4Network | IPv6Network]


def networks(texts: Sequence[str]) -> Networks:
    """Return the networks that CIDR texts name.

    Raises:
        ValueError: one of them is none.
    """
    return [ip_network(text, strict=False) for text in texts]


def within(address: str, places: Networks) -> bool:
    """Say whether an address lies in one of the networks; a text that is no address lies nowhere."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in places)


def whereabouts(attempt: Attempt, subject: Subject, webmails: Networks) -> str:
    """Return the address that counts for this session: the browser's, when one of ``webmails`` comes with its token,
    else the connection's own."""
    signin = subject.signin
    if not attempt.token or signin is None or not signin.address or not within(attempt.address, webmails):
        return attempt.address
    return signin.address
