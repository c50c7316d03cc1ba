"""What a process costs, as /proc tells it."""

import os
import subprocess
import sys

from bench.accounting import PAGE_KIB, TICKS, Stat, cpu_seconds, family, read_stat, resident_kib

LINE = (
    "4242 (a) b (c) S 17 4242 4242 0 -1 4194304 2318 0 0 0 70 30 5 5 20 0 1 0 3086 23068672 "
    "512 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0"
)


def test_a_line_of_proc_is_read_whatever_the_process_is_called() -> None:
    stat = read_stat(LINE)
    assert stat.parent == 17
    assert stat.seconds == 110 / TICKS
    assert stat.resident == 512 * PAGE_KIB


def test_a_family_is_a_process_with_all_that_stand_below_it() -> None:
    tree = {1: Stat(0, 0, 0), 2: Stat(1, 0, 0), 3: Stat(2, 0, 0), 4: Stat(1, 0, 0), 9: Stat(0, 0, 0)}
    assert sorted(family(1, tree)) == [1, 2, 3, 4]
    assert family(3, tree) == [3]
    assert family(5, tree) == []


def test_what_a_child_burns_is_counted_while_it_lives_and_after() -> None:
    before = cpu_seconds([os.getpid()])
    subprocess.run([sys.executable, "-c", "sum(i * i for i in range(2_000_000))"], check=True)
    assert cpu_seconds([os.getpid()]) > before
    assert resident_kib([os.getpid()]) > 1000
