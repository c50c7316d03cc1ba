"""A process that writes as fast as it can and says on its standard output what was acknowledged; it is there to be
killed."""

import asyncio
import sys
from pathlib import Path

from kernel.audit import UserChanged
from kernel.clock import SystemClock
from kernel.ports import Writer
from kernel.records.credentials import FailureCount
from store.sqlite import SqliteStore


async def write_on(path: Path, key: bytes, name: str) -> None:
    store = SqliteStore.open(path, key, SystemClock())

    async def lane(lane_name: str) -> None:
        for number in range(100_000):

            def work(tx: Writer, key: str = f"{lane_name}-{number}") -> int:
                tx.insert(FailureCount(key, 1, 0.0))
                tx.log(UserChanged(at=0.0, act="made", user=key))
                return tx.note(f"user:{key}")

            change = await store.write(work)
            sys.stdout.write(f"{lane_name}-{number} {change}\n")
            sys.stdout.flush()

    await asyncio.gather(*(lane(f"{name}{count}") for count in range(8)))


if __name__ == "__main__":
    asyncio.run(write_on(Path(sys.argv[1]), bytes.fromhex(sys.argv[2]), sys.argv[3]))
