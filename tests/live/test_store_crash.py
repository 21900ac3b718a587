import subprocess
import sys
from pathlib import Path

import pytest

from live.store import open_store

ROOT = Path(__file__).resolve().parents[2]

WRITER = """
import sys
from concurrent.futures import wait
from datetime import timedelta
from threading import Lock
from live.intake import Intake
from live.state import TwinState
from live.store import open_store
from tests.live.small_world import NOON, make_event, small_community

store = open_store(sys.argv[1])
intake = Intake(store, TwinState(small_community(), NOON), Lock())
intake.start()
number = 0
while True:
    group = []
    for size in (1, 7, 200):
        ids = [f"n{number + i}" for i in range(size)]
        number += size
        events = [
            make_event("plate", "c0", i, plate=f"闽A{i % 90000:05d}", event_id=name)
            for i, name in enumerate(ids)
        ]
        group.append((ids, intake.submit(events)))
    for ids, done in group:
        assert done.result().accepted == len(ids)
        # said only after the commit: from here on it must never be lost
        print(" ".join(ids), flush=True)
"""


@pytest.mark.parametrize("lines", [1, 20, 61])
def test_what_was_acknowledged_before_a_kill_is_there_once(tmp_path, lines):
    url = f"sqlite:///{tmp_path}/twin.db"
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, url], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert writer.stdout is not None
    try:
        acknowledged = [writer.stdout.readline() for _ in range(lines)]
    finally:
        writer.kill()
    acknowledged += writer.stdout.readlines()
    writer.stdout.close()
    writer.wait()
    # the last line may be torn by the kill
    names = {n for line in acknowledged if line.endswith("\n") for n in line.split()}
    assert len(names) > 0

    store = open_store(url)
    there = [s.event.event_id for s in store.scan()]
    assert len(there) == len(set(there))
    assert names <= set(there)
    # roll-ups and the plate index were written with them, or not at all
    plates = {s.event.data["plate"] for s in store.scan()}
    with store.reading() as conn:
        assert conn.exec_driver_sql("SELECT sum(count) FROM hours").scalar() == len(there)
        found = {row[0] for row in conn.exec_driver_sql("SELECT plate FROM plates")}
        assert conn.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    assert found == plates
    store.close()
