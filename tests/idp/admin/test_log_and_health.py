"""Audit and health: what is new, what matches, whether the chain holds, and whether the house is well."""

import sqlite3

import pytest

from idp.admin.audit_log import Query
from idp.admin.health import Row, State, worst
from kernel.problems import Missing
from tests.idp.admin.house import ADMIN, OPEN, House


async def test_tail_and_search(home: House) -> None:
    for name in ("mika", "kei"):
        await home.user(name)
    newest = await home.acts.audit.latest(2)
    assert [each.number for each in newest] == [each.number for each in (await home.log())[-2:]]
    found = await home.acts.audit.search(Query(user="MIKA", kind="user-changed"))
    assert {each.fields["user"] for each in found} == {"mika"}
    assert not await home.acts.audit.search(Query(text="nothing says this"))
    with pytest.raises(Missing, match="Did you mean `user-changed`"):
        await home.acts.audit.search(Query(kind="user-change"))


async def test_one_changed_byte_is_found(home: House) -> None:
    await home.user("mika")
    assert home.acts.audit.verify().fault == ""
    connection = sqlite3.connect(home.path)
    with connection:
        connection.execute("UPDATE audit SET body = replace(body, 'mika', 'mikb') WHERE number = 1")
    connection.close()
    verdict = home.acts.audit.verify()
    assert (verdict.entries, "entry 1" in verdict.fault) == (0, True)


async def test_health_says_what_to_do_first(home: House) -> None:
    rows = {row.name: row for row in await home.acts.health.rows()}
    assert (rows["policy"].state, rows["users"].state) == (State.BAD, State.ATTENTION)
    assert worst(list(rows.values())) is State.BAD
    await home.admin()
    await home.acts.publishing.publish(ADMIN, OPEN, base=0)
    assert worst(await home.acts.health.rows()) is State.GOOD


async def test_a_probe_that_fails_is_a_row_and_not_an_error(home: House) -> None:
    async def upstream() -> Row:
        raise OSError("refused")

    home.acts.health._probes = (upstream,)
    assert (await home.acts.health.rows())[-1] == Row("upstream", State.BAD, "OSError: refused")
