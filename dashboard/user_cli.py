"""`user add`, `list`, `disable`, `enable` and `reset`: accounts by the command line."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from live.accounts.account import ROLES
from live.store import Store

Run = Callable[[argparse.Namespace], int]
OpenStore = Callable[[argparse.Namespace], AbstractContextManager[Store]]


def register(subparsers: Any, add: Callable[[Any, Run], None], open_store: OpenStore) -> None:
    """Add the commands; `add` gives a command what all of the store's have."""
    user = subparsers.add_parser("user", help="accounts of people")
    actions = user.add_subparsers(metavar="ACTION", required=True)

    def action(name: str, run: Callable[[argparse.Namespace, Store], int], text: str) -> Any:
        command = actions.add_parser(name, help=text)

        def with_store(arguments: argparse.Namespace) -> int:
            with open_store(arguments) as store:
                return run(arguments, store)

        add(command, with_store)
        return command

    made = action("add", run_add, "make one; its one-time password is on the last line")
    made.add_argument("name", metavar="NAME")
    made.add_argument("--role", action="append", required=True, choices=ROLES)
    made.add_argument("--shown", default="", metavar="TEXT", help="what people call them")
    made.add_argument("--area", action="append", metavar="GRID", help="only these grids")
    made.add_argument("--layer", action="append", metavar="LAYER", help="only these layers, live")
    made.add_argument(
        "--password-stdin", action="store_true", help="take the password from the input instead"
    )
    action("list", run_list, "all of them, without their passwords")
    for name, run, text in (
        ("disable", run_disable, "let nothing open one; its sessions end at once"),
        ("enable", run_enable, "open one again, unlocked"),
        ("reset", run_reset, "give one another one-time password, on the last line"),
    ):
        action(name, run, text).add_argument("name", metavar="NAME")


def run_add(arguments: argparse.Namespace, store: Store) -> int:
    """Make an account."""
    from live.accounts import AccountBook
    from live.accounts.account import make_password

    told = arguments.password_stdin
    password = sys.stdin.readline().rstrip("\r\n") if told else make_password()
    account = AccountBook(store).add(
        arguments.name,
        arguments.role,
        password=password,
        shown=arguments.shown,
        areas=arguments.area,
        layers=arguments.layer,
        must_change=not told,
        by="command line",
    )
    _say(f"account {account.name} ({', '.join(sorted(account.roles))})")
    if not told:
        _say("its password, to be changed at the first log-in, is shown only now:")
        _say(password)
    return 0


def run_list(_: argparse.Namespace, store: Store) -> int:
    """Show all accounts, in columns."""
    from live.accounts import AccountBook

    _say(f"{'name':20}  {'state':8}  {'last log-in':16}  {'roles':24}  areas")
    for one in AccountBook(store).accounts():
        state = "disabled" if one.disabled_at else "new" if one.must_change else "in use"
        seen = f"{one.seen_at:%Y-%m-%d %H:%M}" if one.seen_at else "never"
        areas = "all" if one.areas is None else ",".join(sorted(one.areas))
        _say(f"{one.name:20}  {state:8}  {seen:16}  {','.join(sorted(one.roles)):24}  {areas}")
    return 0


def run_disable(arguments: argparse.Namespace, store: Store) -> int:
    """Let nothing open an account any more."""
    from live.accounts import AccountBook, SessionBook

    account = AccountBook(store).disable(arguments.name, by="command line")
    SessionBook(store).end_all(account.id)
    _say(f"{account.name} opens nothing any more; its sessions have ended")
    return 0


def run_enable(arguments: argparse.Namespace, store: Store) -> int:
    """Open an account again."""
    from live.accounts import AccountBook

    account = AccountBook(store).enable(arguments.name, by="command line")
    _say(f"{account.name} may log in")
    return 0


def run_reset(arguments: argparse.Namespace, store: Store) -> int:
    """Give an account another one-time password."""
    from live.accounts import AccountBook, SessionBook
    from live.accounts.account import make_password

    password = make_password()
    account = AccountBook(store).set_password(
        arguments.name, password, must_change=True, by="command line"
    )
    SessionBook(store).end_all(account.id)
    _say(f"{account.name}: its password, to be changed at the first log-in, is shown only now:")
    _say(password)
    return 0


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
