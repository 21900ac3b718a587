"""A store that fails and an intake that is full: nothing acknowledged is lost."""

import os
import subprocess
import threading

import pytest
from sqlalchemy import event

from dashboard.doors import DoorOptions
from tests.dashboard.doors.served import record, serving


def test_a_full_intake_sends_senders_away(served, monkeypatch):
    intake = served.twin.intake
    going = threading.Event()
    append = served.store.append

    def slow(*args):
        going.wait(30)
        return append(*args)

    monkeypatch.setattr(served.store, "append", slow)
    monkeypatch.setattr(intake, "_capacity", 5)
    answers = []
    senders = [
        threading.Thread(
            target=lambda n=n: answers.append(
                (n, served.post([record(event_id=f"s{n}-{k}") for k in range(4)]))
            )
        )
        for n in range(6)
    ]
    try:
        for sender in senders:
            sender.start()
        while len(answers) < 4:  # all but the one in the works and the one that waits
            threading.Event().wait(0.01)
    finally:
        going.set()
    for sender in senders:
        sender.join(30)
    taken = {n for n, answer in answers if answer.status_code == 200}
    for n, answer in answers:
        if n not in taken:
            assert answer.status_code == 503
            assert int(answer.headers["retry-after"]) > 0
    stored = {one.event_id for one in served.stored()}
    assert stored == {f"s{n}-{k}" for n in taken for k in range(4)}


@pytest.fixture
def full_disk(tmp_path):
    """A server whose database may not grow; call it to make room."""
    with serving(tmp_path, DoorOptions(feed_rate=10_000)) as served:
        served.token()
        limit = {"pages": 0}

        @event.listens_for(served.store.engine, "begin")
        def hold(conn):
            if limit["pages"]:
                conn.exec_driver_sql(f"PRAGMA max_page_count = {limit['pages']}")

        with served.store.reading() as conn:
            limit["pages"] = conn.exec_driver_sql("PRAGMA page_count").scalar()

        def make_room():
            limit["pages"] = 1_000_000

        yield served, make_room


def test_a_full_disk_refuses_and_recovers(full_disk):
    served, make_room = full_disk
    batches = [
        [record(event_id=f"b{n}-{k}", data={"method": "card", "note": "x y " * 125})
         for k in range(50)]
        for n in range(20)
    ]  # fmt: skip
    answers = [served.post(batch) for batch in batches]
    statuses = {answer.status_code for answer in answers}
    assert 503 in statuses
    assert statuses <= {200, 503}
    taken = {n for n, answer in enumerate(answers) if answer.status_code == 200}
    assert {one.event_id for one in served.stored()} == {
        f"b{n}-{k}" for n in taken for k in range(50)
    }
    for answer in answers:
        if answer.status_code == 503:
            assert int(answer.headers["retry-after"]) > 0
            assert "x y" not in answer.text
    # what would be kept aside cannot be kept either: the sender must hold it
    assert served.post(b"no sense, " * 3000).status_code == 503
    with served.client(None) as client:
        assert client.get("/healthz").status_code == 200
        assert client.get("/metrics").status_code == 200
    make_room()
    assert [served.post(batch).status_code for batch in batches] == [200] * 20
    assert len(served.stored()) == 1000


@pytest.fixture
def tiny_disk(tmp_path):
    """A disk of 4 MB of its own."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("a disk of its own can be mounted by root only")
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting is not allowed here")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_disk_that_is_really_full(tiny_disk):
    filler = tiny_disk / "filler"
    with serving(tiny_disk, DoorOptions(feed_rate=10_000)) as served:
        assert served.post([record(event_id="before")]).status_code == 200
        with filler.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"\0" * 4096)
            except OSError:
                pass
        batches = [
            [record(event_id=f"b{n}-{k}", data={"note": "x y " * 125}) for k in range(50)]
            for n in range(10)
        ]
        statuses = [served.post(batch).status_code for batch in batches]
        assert 503 in statuses
        assert set(statuses) <= {200, 503}
        with served.client(None) as client:
            unready = client.get("/readyz")
            assert unready.status_code == 503
            assert unready.json()["checks"]["store"] != "ok"
            assert client.get("/healthz").status_code == 200
            assert client.get("/metrics").status_code == 200
        taken = {n for n, status in enumerate(statuses) if status == 200}
        wanted = {f"b{n}-{k}" for n in taken for k in range(50)} | {"before"}
        assert {one.event_id for one in served.stored()} == wanted
        filler.unlink()
        assert [served.post(batch).status_code for batch in batches] == [200] * 10
        assert len(served.stored()) == 501
