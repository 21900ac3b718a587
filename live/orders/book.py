"""The orders of one store: made, worked on, counted; every step in the audit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import Connection, and_, insert, or_, select, update

from live import audit
from live.events import utc_now
from live.incidents.errors import MissingError, StaleError
from live.incidents.incident import Step
from live.incidents.records import to_micros, to_step
from live.orders.order import DONE, OPEN, Order, apply_step, decide, open_order, replay
from live.store import Store
from live.store.cases import AUDIT, ORDERS
from live.typed import read_last_number

ABOUT = "orders"
Deed = tuple[str, Step]


class Orders:
    """Safe for many threads; every call may wait for the disk.

    Args:
        store: Where they are durable.
        zone: The community's clock, for the numbers.
        clock: Gives the present moment.
    """

    def __init__(
        self, store: Store, zone: ZoneInfo, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self.store, self.zone, self._clock = store, zone, clock
        self.revision = 0
        """Goes up with every step that was written through this object."""

    def now(self) -> float:
        """Return the present moment, epoch seconds to the millisecond."""
        return round(self._clock().timestamp(), 3)

    def create(self, who: str, given: Sequence[dict[str, Any]]) -> list[Order]:
        """Make orders, all of them or none.

        Args:
            who: Who asks for them.
            given: See `live.orders.order.open_order`.

        Raises:
            OrderError: One of them does not fit.
        """
        now = self.now()
        steps = [Step("open", now, who, open_order(one, now)) for one in given]
        with self.store.writing() as conn:
            numbers = self._numbers(conn, now, len(steps))
            made = _write(conn, [(n, step) for n, step in zip(numbers, steps, strict=True)])
        self.revision += 1
        return made

    def act(self, number: str, action: str, who: str, version: int, given: dict[str, Any]) -> Order:
        """Take a step for a person, durable when it returns.

        Raises:
            MissingError: There is no such order.
            StaleError: Somebody else was quicker; it says what changed.
            StepError: The step may not be taken.
        """
        with self.store.writing() as conn:  # nobody else writes between the look and the step
            order = _read(conn, number)
            if version != order.version:
                raise StaleError(
                    f"order {number} is at version {order.version}, not {version}: "
                    "somebody else was quicker; look at what changed and try again",
                    order.version,
                    _read_steps(conn, number, max(0, version)),
                )
            after = _write(conn, [(number, decide(order, action, who, self.now(), given))])[-1]
        self.revision += 1
        return after

    def get(self, number: str) -> Order:
        """Return an order.

        Raises:
            MissingError: There is none of that number.
        """
        with self.store.reading() as conn:
            return _read(conn, number)

    def steps(self, number: str, after: int = 0) -> list[dict[str, Any]]:
        """Return the steps of an order from above a version on, oldest first, as JSON."""
        with self.store.reading() as conn:
            return _read_steps(conn, number, after)

    def page(
        self,
        *,
        states: Sequence[str] = (),
        kind: str | None = None,
        grid: str | None = None,
        supplier: str | None = None,
        limit: int = 100,
        before: str | None = None,
    ) -> tuple[list[Order], str | None]:
        """Return a page of orders, newest first, and where the next one begins."""
        at, key = ORDERS.c.opened_at, ORDERS.c.id
        wanted = select(ORDERS.c.data, key)
        if states:
            wanted = wanted.where(ORDERS.c.state.in_(states))
        for column, value in ((ORDERS.c.kind, kind), (ORDERS.c.grid, grid),
                              (ORDERS.c.supplier, supplier)):  # fmt: skip
            if value is not None:
                wanted = wanted.where(column == value)
        with self.store.reading() as conn:
            if before is not None:
                last = conn.scalar(select(at).where(key == before))
                if last is None:
                    return [], None
                wanted = wanted.where(or_(at < last, and_(at == last, key < before)))
            rows = conn.execute(wanted.order_by(at.desc(), key.desc()).limit(limit)).all()
        found = [Order(**orjson.loads(row.data)) for row in rows]
        return found, found[-1].id if len(found) == limit else None

    def all(self) -> list[Order]:
        """Return every order, oldest first."""
        with self.store.reading() as conn:
            rows = conn.scalars(select(ORDERS.c.data).order_by(ORDERS.c.opened_at, ORDERS.c.id))
            return [Order(**orjson.loads(data)) for data in rows]

    def recent(self, since: float) -> list[Order]:
        """Return what is not closed, and what was closed since a moment, oldest first."""
        at_work = ORDERS.c.state.in_((*OPEN, DONE))
        wanted = select(ORDERS.c.data).where(or_(at_work, ORDERS.c.closed_at >= to_micros(since)))
        with self.store.reading() as conn:
            rows = conn.scalars(wanted.order_by(ORDERS.c.opened_at, ORDERS.c.id))
            return [Order(**orjson.loads(data)) for data in rows]

    def write(self, deeds: Sequence[Deed]) -> list[Order]:
        """Write steps and where they lead, in one transaction; return the orders after each."""
        with self.store.writing() as conn:
            after = _write(conn, deeds)
        self.revision += 1
        return after

    def _numbers(self, conn: Connection, now: float, count: int) -> list[str]:
        day = datetime.fromtimestamp(now, self.zone).strftime("P%y%m%d")
        first = read_last_number(conn, ORDERS.c.id, day) + 1
        return [f"{day}-{number:03d}" for number in range(first, first + count)]


def _read(conn: Connection, number: str) -> Order:
    data = conn.scalar(select(ORDERS.c.data).where(ORDERS.c.id == number))
    if data is None:
        raise MissingError(f"there is no order {number!r}")
    return Order(**orjson.loads(data))


def _read_steps(conn: Connection, number: str, after: int) -> list[dict[str, Any]]:
    return [
        {
            "seq": seq, "version": entry.version, "at": entry.at / 1e6, "who": entry.who,
            "action": entry.action, "data": entry.data,
        }
        for seq, entry in audit.read_entries(conn, ABOUT, number, after)
    ]  # fmt: skip


def _write(conn: Connection, deeds: Sequence[Deed]) -> list[Order]:
    """Write steps and where they lead within the caller's transaction."""
    known: dict[str, Order] = {}
    entries, after = [], []
    for number, step in deeds:
        if number not in known and step.action != "open":
            known[number] = _read(conn, number)
        order = known[number] = apply_step(number, known.get(number), step)
        after.append(order)
        entries.append(
            audit.Entry(
                to_micros(step.at), step.who, ABOUT, number, order.version, step.action, step.data
            )
        )
    new = {number for number, step in deeds if step.action == "open"}
    for number, order in known.items():
        values = _to_record(order)
        if number in new:
            conn.execute(insert(ORDERS).values(values))
        else:
            conn.execute(update(ORDERS).where(ORDERS.c.id == number).values(values))
    audit.append(conn, entries)
    return after


def check_steps(conn: Connection, *, most: int = 20) -> list[str]:
    """Tell which orders are not what their steps lead to; empty when all are."""
    mine = select(AUDIT).where(AUDIT.c.about == ABOUT).order_by(AUDIT.c.subject, AUDIT.c.version)
    steps: dict[str, list[Step]] = {}
    for row in conn.execute(mine):
        steps.setdefault(row.subject, []).append(to_step(row))
    kept = {row.id: dict(row._mapping) for row in conn.execute(select(ORDERS))}
    problems: list[str] = []
    for number in sorted(steps.keys() | kept.keys()):
        try:
            told = replay(number, steps.get(number, ()))
        except (KeyError, TypeError, ValueError):
            problems.append(f"order {number}: its steps cannot be read")
            continue
        if (None if told is None else _to_record(told)) != kept.get(number):
            problems.append(f"order {number}: is not what its steps lead to")
    return problems[:most]


def count_figures(orders: Iterable[Order], now: float) -> dict[str, Any]:
    """Return what a board shows of orders.

    Returns:
        `open` (在办), `overdue` of those, `done`, `on_time` (按时率: share of the done that were in
        time; None without any), `rated` and `satisfied` (满意度: share of ratings of 4 and 5).
    """
    found = list(orders)
    at_work = [one for one in found if one.state in ("new", "assigned", "in_progress")]
    done = [one for one in found if one.state in ("done", "closed")]
    rated = [one.rating for one in done if one.rating is not None]
    return {
        "open": len(at_work),
        "overdue": sum(one.is_overdue(now) for one in at_work),
        "done": len(done),
        "on_time": _share(sum(not one.is_overdue(now) for one in done), len(done)),
        "rated": len(rated),
        "satisfied": _share(sum(rating >= 4 for rating in rated), len(rated)),
    }


def count_by(orders: Iterable[Order], name: str, now: float) -> dict[str, dict[str, Any]]:
    """Return `count_figures` by a field: grid, supplier, supplier_kind, kind or level."""
    groups: dict[str, list[Order]] = {}
    for one in orders:
        groups.setdefault(getattr(one, name), []).append(one)
    return {key: count_figures(group, now) for key, group in sorted(groups.items())}


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _to_record(order: Order) -> dict[str, Any]:
    return {
        "id": order.id,
        "version": order.version,
        "state": order.state,
        "kind": order.kind,
        "supplier": order.supplier,
        "grid": order.grid,
        "opened_at": to_micros(order.opened_at),
        "closed_at": None if order.closed_at is None else to_micros(order.closed_at),
        "data": audit.encode(order.to_json()),
    }
