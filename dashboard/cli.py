"""Commands of whoever runs the twin: tokens, load, history, backup and restore."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dashboard import user_cli as users
from live.tokens import KINDS

if TYPE_CHECKING:
    from dashboard.settings import Settings
    from live.store import Store
    from live.tokens import Token

Run = Callable[[argparse.Namespace], int]


def register(subparsers: Any) -> None:
    """Add the commands to the subparsers of an `argparse.ArgumentParser`."""
    _register_tokens(subparsers)
    _register_sending(subparsers)
    users.register(subparsers, _add, _store)
    for name, run, text in (
        ("backup", run_backup, "write the whole store into a new file"),
        ("restore", run_restore, "replace the whole store by a backup; stop the server first"),
    ):
        command = subparsers.add_parser(name, help=text)
        command.add_argument("file", type=Path, metavar="FILE")
        _add(command, run)
    audit = subparsers.add_parser("audit", help="the record of every step anybody took")
    actions = audit.add_subparsers(metavar="ACTION", required=True)
    verify = actions.add_parser("verify", help="tell whether anybody tampered with it")
    verify.add_argument(
        "--head", default="", metavar="NUMBER:HASH", help="as printed by an earlier verify"
    )
    _add(verify, run_verify)
    incidents = subparsers.add_parser("incidents", help="what becomes an incident")
    actions = incidents.add_subparsers(metavar="ACTION", required=True)
    attempt = actions.add_parser("try", help="what rules would have raised from the store's events")
    attempt.add_argument("--rules", type=Path, default=None, metavar="FILE.toml")
    attempt.add_argument("--hours", type=_above_zero, default=24.0, metavar="H", help="up to now")
    _add(attempt, run_try)


def _register_tokens(subparsers: Any) -> None:
    token = subparsers.add_parser("token", help="what devices, walls and administrators show")
    actions = token.add_subparsers(metavar="ACTION", required=True)
    create = actions.add_parser("create", help="make one; it is shown once, on the last line")
    create.add_argument("--kind", choices=KINDS, required=True)
    create.add_argument("--name", required=True, help="also the user name in HTTP Digest")
    _add(create, run_create)
    _add(actions.add_parser("list", help="all of them, without their secrets"), run_list)
    revoke = actions.add_parser("revoke", help="stop one, by its id or its name")
    revoke.add_argument("token", metavar="ID|NAME")
    _add(revoke, run_revoke)
    rebind = actions.add_parser("rebind", help="free a wall token from its screen, by its id")
    rebind.add_argument("token", metavar="ID")
    _add(rebind, run_rebind)


def _register_sending(subparsers: Any) -> None:
    simulate = subparsers.add_parser("simulate", help="send made-up events over the HTTP feed")
    simulate.add_argument("--rate", type=_above_zero, default=100.0, metavar="R", help="a second")
    simulate.add_argument("--seconds", type=_above_zero, default=10.0, metavar="S")
    simulate.add_argument("--seed", type=int, default=1)
    simulate.set_defaults(run=run_simulate)
    replay = subparsers.add_parser("replay", help="send history from a CSV or NDJSON file")
    replay.add_argument("file", type=Path, metavar="FILE")
    replay.add_argument(
        "--speed", type=_at_least_zero, default=0.0, metavar="X",
        help="seconds of history a second; 0 as fast as it goes",
    )  # fmt: skip
    replay.add_argument(
        "--column", action="append", default=[], metavar="OURS=THEIRS",
        help="a column of the file under another name, such as time=Timestamp",
    )  # fmt: skip
    replay.add_argument(
        "--value", action="append", default=[], metavar="OURS=TEXT",
        help="the same in every row, such as kind=plate",
    )  # fmt: skip
    replay.set_defaults(run=run_replay)
    for command in (simulate, replay):
        command.add_argument("--to", default=None, metavar="URL", help="default: this machine")
        command.add_argument("--token", default=None, help="default: TWIN_FEED_TOKEN")


def _add(command: Any, run: Run) -> None:
    command.add_argument("--database", default=None, metavar="URL")
    command.add_argument(
        "--community", type=Path, default=None, metavar="FILE.gpkg",
        help="the file that is served; without it the demo's store is meant",
    )  # fmt: skip
    command.set_defaults(run=run)


def run_create(arguments: argparse.Namespace) -> int:
    """Make a token; its secret stands alone on the last line."""
    from live.tokens import TokenBook

    with _store(arguments) as store:
        token, secret = TokenBook(store).create(arguments.kind, arguments.name)
    _say(f"{token.kind} token {token.id} ({token.name}); it is shown only now:")
    _say(secret)
    return 0


def run_list(arguments: argparse.Namespace) -> int:
    """Show all tokens, in columns."""
    from live.tokens import TokenBook

    with _store(arguments) as store:
        tokens = TokenBook(store).tokens()
    _say(f"{'id':8}  {'kind':5}  {'made':16}  {'last used':16}  {'state':7}  name")
    for token in tokens:
        _say(_to_line(token))
    return 0


def run_revoke(arguments: argparse.Namespace) -> int:
    """Stop a token."""
    from live.tokens import TokenBook

    with _store(arguments) as store:
        for token in TokenBook(store).revoke(arguments.token):
            _say(f"{token.kind} token {token.id} ({token.name}) opens nothing any more")
    return 0


def run_rebind(arguments: argparse.Namespace) -> int:
    """Free a wall token from its screen; exit 1 where it had none."""
    from live.accounts import WallBook

    with _store(arguments) as store:
        done = WallBook(store).free(arguments.token)
    _say(
        f"the next screen that shows the token {arguments.token} gets it"
        if done
        else f"no screen has the token {arguments.token}"
    )
    return 0 if done else 1


def run_backup(arguments: argparse.Namespace) -> int:
    """Write a backup."""
    from live.events import utc_now
    from live.retention import LAST_BACKUP

    with _store(arguments) as store:
        store.backup(arguments.file)
        store.remember(LAST_BACKUP, utc_now().isoformat())
    _say(f"{arguments.file}: {arguments.file.stat().st_size:,} bytes")
    return 0


def run_restore(arguments: argparse.Namespace) -> int:
    """Take a backup in."""
    with _store(arguments) as store:
        store.restore(arguments.file)
    _say(f"the store is as {arguments.file} had it")
    return 0


def run_verify(arguments: argparse.Namespace) -> int:
    """Read the audit; exit 1 when somebody tampered with it."""
    from live.audit import verify
    from live.incidents.records import check_steps
    from live.orders.book import check_steps as check_orders

    with _store(arguments) as store, store.reading() as conn:
        verdict = verify(conn, head=arguments.head)
        problems = [*verdict.problems, *check_steps(conn), *check_orders(conn)]
    for problem in problems:
        _say(problem)
    _say(f"{verdict.rows:,} rows, {len(problems)} problems")
    _say(verdict.head)
    return 1 if problems else 0


def run_try(arguments: argparse.Namespace) -> int:
    """Try rules on history, changing nothing."""
    from datetime import timedelta

    from dashboard.compose import sample_path
    from geodata.community import load_community
    from live.events import utc_now
    from live.incidents.rules_file import DEFAULT_FILE, load_rules
    from live.incidents.trial import try_rules

    settings = _settings()
    path = arguments.rules or (Path(settings.incident_rules) if settings.incident_rules else None)
    rules = load_rules(path or DEFAULT_FILE)
    community = load_community(arguments.community or sample_path(settings))
    since = utc_now() - timedelta(hours=arguments.hours)
    with _store(arguments) as store:
        events = (stored.event for stored in store.scan(since=since))
        ordered = sorted(events, key=lambda event: event.observed_at)
        trial = try_rules(rules, community, ordered)
    for (kind, severity), count in sorted(trial.opened.items(), key=lambda item: -item[1]):
        _say(f"{count:6,}  severity {severity}  {kind}")
    total = sum(trial.opened.values())
    rate = total / trial.hours if trial.hours else 0.0
    _say(
        f"{trial.events:,} events of {trial.hours:.1f} h: {total:,} incidents, {rate:.1f} an hour, "
        f"{trial.worst_hour} in the worst (ISA-18.2: 6 an hour and operator)"
    )
    return 0


def run_simulate(arguments: argparse.Namespace) -> int:
    """Send made-up events; exit 1 when some were not acknowledged."""
    from dashboard.sending import Sender, simulate

    with Sender(_target(arguments), _token(arguments)) as sender:
        total = simulate(sender, arguments.rate, arguments.seconds, arguments.seed)
    _say(total.describe())
    return 0 if total.is_whole else 1


def run_replay(arguments: argparse.Namespace) -> int:
    """Send history; exit 1 when some was not acknowledged."""
    from dashboard.sending import Sender, read_records, replay

    columns = dict(_pair(text) for text in arguments.column)
    values = dict(_pair(text) for text in arguments.value)
    records = read_records(arguments.file, columns, values)
    with Sender(_target(arguments), _token(arguments)) as sender:
        total = replay(sender, records, arguments.speed)
    _say(total.describe())
    return 0 if total.is_whole else 1


@contextmanager
def _store(arguments: argparse.Namespace) -> Iterator[Store]:
    from dashboard.compose import find_database
    from live.store import open_store

    settings = _settings()
    if arguments.database:
        settings = replace(settings, database=arguments.database)
    store = open_store(find_database(settings, arguments.community))
    try:
        yield store
    finally:
        store.close()


def _settings() -> Settings:
    from dashboard.settings import Settings

    logging.getLogger("pyogrio").setLevel(logging.WARNING)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    return Settings.from_env(os.environ)


def _target(arguments: argparse.Namespace) -> str:
    settings = _settings()
    return str(arguments.to or f"http://{settings.host}:{settings.port}").rstrip("/")


def _token(arguments: argparse.Namespace) -> str:
    return str(arguments.token or os.environ.get("TWIN_FEED_TOKEN", ""))


def _pair(text: str) -> tuple[str, str]:
    from geodata.errors import TwinError

    name, mark, value = text.partition("=")
    if not mark or not name:
        raise TwinError(f"{text!r}: write NAME=VALUE.")
    return name, value


def _at_least_zero(text: str) -> float:
    value = float(text)
    if not 0 <= value < float("inf"):
        raise ValueError
    return value


def _above_zero(text: str) -> float:
    value = _at_least_zero(text)
    if not value:
        raise ValueError
    return value


def _to_line(token: Token) -> str:
    made = f"{token.created_at:%Y-%m-%d %H:%M}"
    used = f"{token.used_at:%Y-%m-%d %H:%M}" if token.used_at else "never"
    state = "revoked" if token.revoked_at else "in use"
    return f"{token.id:8}  {token.kind:5}  {made:16}  {used:16}  {state:7}  {token.name}"


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
