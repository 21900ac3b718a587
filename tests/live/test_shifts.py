"""Hand-overs: written once, acknowledged once by somebody else, kept in the audit."""

import threading
from contextlib import suppress
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from live import audit
from live.incidents.errors import MissingError, StaleError
from live.shifts import ShiftError, Shifts
from live.store import open_store

ZONE = ZoneInfo("Asia/Shanghai")


def test_handed_over_and_acknowledged_by_somebody_else(store):
    shifts = Shifts(store, ZONE)
    for bad in ("", "  ", None, "x" * 5000, "a\0"):
        with pytest.raises(ShiftError, match="notes"):
            shifts.hand_over("li", bad, {})
    one = shifts.hand_over("李", "东门道闸待修", {"incidents": 3})
    assert (one.who, one.notes, one.figures, one.taken_at) == (
        "李", "东门道闸待修", {"incidents": 3}, None
    )  # fmt: skip
    with pytest.raises(ShiftError, match="next shift"):
        shifts.acknowledge(one.id, "李")
    taken = shifts.acknowledge(one.id, "王", "收到")
    assert (taken.taken_by, taken.taken_notes, taken.notes) == ("王", "收到", "东门道闸待修")
    with pytest.raises(StaleError, match="王 already") as error:
        shifts.acknowledge(one.id, "赵")
    assert error.value.changed[0]["who"] == "王"
    with pytest.raises(MissingError):
        shifts.acknowledge("S1", "赵")
    second = shifts.hand_over("王", "一切正常", {})
    assert second.id[:-2] == one.id[:-2]
    assert int(second.id[-2:]) == int(one.id[-2:]) + 1
    assert [each.id for each in shifts.latest()] == [second.id, one.id]
    with store.reading() as conn:
        assert audit.verify(conn).problems == []
    with store.writing() as conn:
        conn.execute(text("UPDATE audit SET data = replace(data, '待修', '已修')"))
    with store.reading() as conn:
        assert audit.verify(conn).problems == [f"row 1 (shifts {one.id}): was changed"]


def test_of_many_who_acknowledge_at_once_one_does(tmp_path):
    store = open_store(f"sqlite:///{tmp_path}/twin.db")
    shifts = Shifts(store, ZONE)
    one = shifts.hand_over("li", "n", {})
    done: list[str] = []

    def take(name):
        with suppress(StaleError):
            done.append(shifts.acknowledge(one.id, name).taken_by)

    threads = [threading.Thread(target=take, args=(f"p{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done == [shifts.get(one.id).taken_by]
    store.close()
