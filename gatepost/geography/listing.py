"""A text file of anonymising networks: one address or CIDR range in a line, ``#`` begins a comment.

A line that is no network makes the whole file useless: leaving it out would let that network in.
"""

from collections.abc import Iterator, Sequence
from ipaddress import ip_network
from pathlib import Path

from kernel.problems import Refused
from policies.addresses import RangeIndex
from policies.model import Range

LARGEST = 32 * 1024 * 1024
MOST = 500_000
SUFFIX = ".txt"


class Listing:
    """The networks of one file."""

    def __init__(self, ranges: Sequence[Range], built_at: float = 0.0) -> None:
        self._index = RangeIndex({"listed": ranges})
        self.built_at = built_at

    @classmethod
    def open(cls, path: Path) -> "Listing":
        """Read a file; its age is that of its last change.

        Raises:
            Refused: it cannot be read, is larger than 32 MiB or 500,000 networks, or a line of it is no network.
        """
        try:
            about = path.stat()
            if about.st_size > LARGEST:
                raise Refused(f"{path} is larger than {LARGEST // 1024 // 1024} MiB")
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise Refused(f"{path} cannot be read: {error}") from error
        return cls(tuple(_ranges(path, text)), about.st_mtime)

    def holds(self, address: str) -> bool | None:
        """Return whether an address lies in one of the networks; None when it is no address."""
        found = self._index.find(address)
        return None if found is None else bool(found)


def _ranges(path: Path, text: str) -> Iterator[Range]:
    for number, line in enumerate(text.splitlines(), 1):
        network = line.partition("#")[0].strip()
        if not network:
            continue
        if number > MOST:
            raise Refused(f"{path} has more than {MOST:,} lines")
        try:
            yield ip_network(network, strict=False)
        except ValueError:
            raise Refused(f"{path}:{number}: `{network[:80]}` is no network; none of the file is used") from None
