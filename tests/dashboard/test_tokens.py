"""The commands, as a person at a terminal gives them."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

import app
from dashboard.doors import DoorOptions
from tests.dashboard.doors.served import record, serving

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Run a command on a database of its own; return its exit code, output and errors."""
    monkeypatch.setenv("TWIN_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("TWIN_DATABASE", f"sqlite:///{tmp_path}/twin.db")

    def command(*arguments):
        code = app.main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return code, said.out.splitlines(), said.err

    return command


def test_a_new_token_stands_alone_on_the_last_line_and_opens_a_running_server(run, tmp_path):
    with serving(tmp_path) as served, served.client(None) as client:
        code, lines, _ = run("token", "create", "--kind", "feed", "--name", "gate 1")
        assert code == 0
        secret = lines[-1]
        assert len(secret) >= 43  # 256 bits in base 64
        headers = {"authorization": f"Bearer {secret}"}
        assert client.post("/api/v1/events", json=[record()], headers=headers).is_success
    files = b"".join(path.read_bytes() for path in tmp_path.glob("twin.db*"))
    assert secret.encode() not in files


def test_the_list_tells_everything_but_the_secret(run):
    secret = run("token", "create", "--kind", "feed", "--name", "one")[1][-1]
    run("token", "create", "--kind", "admin", "--name", "two")
    code, lines, _ = run("token", "list")
    assert code == 0
    assert len(lines) == 3
    assert "feed" in lines[1]
    assert "never" in lines[1]
    assert lines[1].endswith("one")
    assert secret not in "\n".join(lines)
    assert run("token", "revoke", "one")[0] == 0
    assert "revoked" in run("token", "list")[1][1]
    code, _, error = run("token", "revoke", "one")
    assert code == 2
    assert "one" in error


@pytest.mark.parametrize("name", ["", "a:b", 'a"b', "x" * 65, "a\nb"])
def test_names_that_cannot_be_user_names(run, name):
    code, lines, error = run("token", "create", "--kind", "feed", "--name", name)
    assert (code, lines) == (2, [])
    assert "cannot be called" in error


def test_a_database_that_is_named_wins(run, tmp_path):
    run("token", "create", "--kind", "feed", "--name", "x",
        "--database", f"sqlite:///{tmp_path}/other.db")  # fmt: skip
    assert len(run("token", "list")[1]) == 1
    assert len(run("token", "list", "--database", f"sqlite:///{tmp_path}/other.db")[1]) == 2


@pytest.mark.slow
def test_without_a_database_it_is_that_of_the_demo(tmp_path, var):
    """The token made without an option opens the demo that runs without one."""
    environ = {**os.environ, "TWIN_VAR": str(var)}
    environ.pop("TWIN_DATABASE", None)
    command = [sys.executable, "app.py", "token", "create", "--kind", "feed", "--name", "demo"]
    made = subprocess.run(
        command, cwd=ROOT, env=environ, capture_output=True, text=True, check=True
    )
    from dataclasses import replace

    from dashboard.compose import open_demo
    from dashboard.settings import Settings
    from live.tokens import TokenBook

    world = open_demo(replace(Settings(), var=var))
    try:
        book = TokenBook(world.twin.store)
        book.read()
        found = book.find(made.stdout.splitlines()[-1])
    finally:
        world.twin.store.close()
    assert found is not None
    assert found.name == "demo"


def test_backup_and_restore(run, tmp_path):
    with serving(tmp_path) as served:
        served.post([record(event_id="a")])
        token = served.token()
    assert run("backup", tmp_path / "copy.db")[0] == 0
    assert run("backup", tmp_path / "copy.db")[0] == 2  # never over a file
    with serving(tmp_path) as served:
        served.post([record(event_id="b")])
    assert run("restore", tmp_path / "copy.db")[0] == 0
    with serving(tmp_path) as served, served.client(None) as client:
        assert [event.event_id for event in served.stored()] == ["a"]
        headers = {"authorization": f"Bearer {token}"}
        assert client.post("/api/v1/events", json=[], headers=headers).is_success
    code, _, error = run("restore", tmp_path / "nothing.db")
    assert code == 2
    assert "nothing.db" in error


def test_simulate_sends_and_counts(run, tmp_path):
    with serving(tmp_path, DoorOptions(feed_rate=10_000)) as served:
        code, lines, _ = run("simulate", "--to", served.url, "--rate", 400, "--seconds", 1,
                             "--token", served.token())  # fmt: skip
        assert code == 0
        assert lines[-1] == "sent 400 accepted 400 duplicate 0 quarantined 0 retries 0 lost 0"
        events = served.stored()
    assert len({event.event_id for event in events}) == 400
    assert {event.kind for event in events} == {"access", "plate", "reading"}


def test_replay_of_csv_and_of_lines(run, tmp_path):
    table = tmp_path / "reads.csv"
    table.write_text(
        "Timestamp,car,gate\n2026-11-01 08:00:01,闽A12345,c0\n2026-11-01 08:00:00,闽AD12345,c1\n"
        "2026-11-01 08:00:02,闽A99999,nobody\n"
    )
    lines = tmp_path / "doors.ndjson"
    lines.write_text("\n".join(json.dumps(record(at=f"2026-11-01T0{n}:00:00Z")) for n in range(3)))
    with serving(tmp_path) as served:
        token = served.token()
        code, said, _ = run(
            "replay", table, "--speed", 1000, "--to", served.url, "--token", token,
            "--column", "time=Timestamp", "--column", "plate=car", "--column", "id=gate",
            "--value", "kind=plate",
        )  # fmt: skip
        assert code == 0
        assert said[-1].startswith("sent 3 accepted 2 duplicate 0 quarantined 1 ")
        assert "nobody" in said[0]
        for counts in ("accepted 3 duplicate 0", "accepted 0 duplicate 3"):
            said = run("replay", lines, "--speed", 0, "--to", served.url, "--token", token)[1]
            assert counts in said[-1]
        events = served.stored()
        assert not any(event.live for event in events)
        assert {event.source for event in events} == {"replay"}
        assert [event.subject for event in events[:2]] == ["c1", "c0"]  # in order of time
        assert events[1].observed_at == datetime(2026, 11, 1, 0, 0, 1, tzinfo=UTC)
        code, _, error = run("replay", table, "--to", served.url, "--token", token)
    assert code == 2
    assert "observed_at" in error


def test_a_sender_tries_again_until_it_is_acknowledged(tmp_path):
    """Answers that are lost, refusals for now, and a connection that breaks: each event once."""
    import httpx

    from dashboard.sending import Sender

    with serving(tmp_path, DoorOptions(feed_rate=10_000)) as served:
        real, calls, waits = httpx.HTTPTransport(), [], []

        class Bad(httpx.BaseTransport):
            def handle_request(self, request):
                calls.append(request)
                if len(calls) == 1:
                    raise httpx.ConnectError("down", request=request)
                if len(calls) == 2:
                    return httpx.Response(503, headers={"retry-after": "7"})
                answer = real.handle_request(request)
                if len(calls) == 3:  # it was done, and nobody heard
                    answer.read()
                    raise httpx.ReadError("cut", request=request)
                return answer

        with Sender(served.url, served.token(), sleep=waits.append, transport=Bad()) as sender:
            sender.send([record(event_id=f"e{n}") for n in range(10)])
        total = sender.total
        assert (total.accepted, total.duplicate, total.retries, total.lost) == (0, 10, 3, 0)
        assert waits[1] == 7
        assert total.is_whole
        assert len(served.stored()) == 10


def test_a_wrong_token_ends_the_run(run, tmp_path):
    with serving(tmp_path) as served:
        code, _, error = run("simulate", "--to", served.url, "--rate", 10, "--seconds", 1,
                             "--token", "wrong")  # fmt: skip
    assert code == 2
    assert "401" in error
