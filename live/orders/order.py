"""One order and how a step moves it: pure, so that its steps alone tell how it stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

from geodata.errors import TwinError
from geodata.schema import SUPPLIER_KINDS
from live.incidents.errors import StepError
from live.incidents.incident import Step
from live.typed import TypedError, ensure_text

LIMITS_S = {"emergency": 7200.0, "utility": 86_400.0, "general": 604_800.0, "complex": 1_296_000.0}
"""Level -> time until it must be done, seconds: 2 h, 24 h, 7 d, 15 d (12345, Beijing draft)."""

NEW, ASSIGNED, IN_PROGRESS, DONE, CLOSED = "new", "assigned", "in_progress", "done", "closed"
CANCELLED = "cancelled"
STATES = (NEW, ASSIGNED, IN_PROGRESS, DONE, CLOSED, CANCELLED)
OPEN = (NEW, ASSIGNED, IN_PROGRESS)
SOURCES = ("resident", "staff", "incident")
KINDS = (
    "repair", "water_power", "environment", "safety", "parking", "elderly_care", "dispute",
    "facility", "other",
)  # fmt: skip
RATINGS = (1, 2, 3, 4, 5)
LONGEST_TITLE, LONGEST_TEXT, LONGEST_NAME = 120, 2000, 64

MAY = {
    "assign": OPEN,
    "start": (ASSIGNED,),
    "progress": (IN_PROGRESS,),
    "note": STATES,
    "finish": (IN_PROGRESS,),
    "rate": (DONE, CLOSED),
    "close": (DONE,),
    "reopen": (DONE, CLOSED),
    "cancel": OPEN,
    "praise": (CLOSED,),
}
"""What people may do, and in which states."""


class OrderError(TwinError):
    """An order, or a table of orders, does not fit; says what and where.

    Attributes:
        field: Which field; empty for the whole table.
        why: missing, choice, long, characters, number or table.
        told: What else the sentence says: `got`, `known`, `most`.
    """

    def __init__(self, text: str, *, field: str = "", why: str = "table", **told: Any) -> None:
        super().__init__(text)
        self.field, self.why, self.told = field, why, told


@dataclass(frozen=True, slots=True)
class Order:
    """How an order stands after its steps so far; times are epoch seconds.

    Attributes:
        id: Its number.
        version: How many steps it has had.
        state: One of `STATES`.
        kind: One of `KINDS`.
        level: One of `LIMITS_S`.
        title: What is to be done; may name people, so not for everybody.
        source: Who asked: resident, staff or incident.
        incident: Number of the incident it came from; empty for none.
        grid: Grid it lies in; empty where nobody knows.
        layer: Layer of the thing it is about; empty for none.
        place: Id of that thing.
        supplier: Who does it.
        supplier_kind: One of `geodata.schema.SUPPLIER_KINDS`; empty while nobody does.
        opened_at: When it was asked for.
        due: When it must be done.
        progress: How much is done, percent.
        done_at: When it was done, None before.
        closed_at: When it was closed.
        rating: What the asker says, 1 to 5; None without an answer.
        praised: Whether it is shown as a good case.
        reopened: How often.
    """

    id: str
    version: int
    state: str
    kind: str
    level: str
    title: str
    source: str
    incident: str
    grid: str
    layer: str
    place: str
    supplier: str
    supplier_kind: str
    opened_at: float
    due: float
    progress: int = 0
    done_at: float | None = None
    closed_at: float | None = None
    rating: int | None = None
    praised: bool = False
    reopened: int = 0

    def is_overdue(self, now: float) -> bool:
        """Say whether it was, or is, late."""
        return self.state != CANCELLED and (self.done_at or now) > self.due

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return asdict(self)


def replay(number: str, steps: Iterable[Step]) -> Order | None:
    """Return how an order stands after its steps, None before the first."""
    order: Order | None = None
    for step in steps:
        order = apply_step(number, order, step)
    return order


def apply_step(number: str, before: Order | None, step: Step) -> Order:
    """Return an order after one more step, which has happened whatever the rules say now."""
    data, at = step.data, step.at
    if before is None:
        return Order(id=number, version=1, **data)
    now = replace(before, version=before.version + 1)
    if step.action == "assign":
        state = ASSIGNED if now.state == NEW else now.state
        return replace(
            now, state=state, supplier=data["supplier"], supplier_kind=data["supplier_kind"]
        )
    if step.action == "start":
        return replace(now, state=IN_PROGRESS)
    if step.action == "progress":
        return replace(now, progress=data["progress"])
    if step.action == "finish":
        return replace(now, state=DONE, done_at=at, progress=100)
    if step.action == "rate":
        return replace(now, rating=data["rating"])
    if step.action == "close":
        return replace(now, state=CLOSED, closed_at=at)
    if step.action == "reopen":
        return replace(
            now, state=ASSIGNED, done_at=None, closed_at=None, rating=None, praised=False,
            progress=0, due=data["due"], reopened=now.reopened + 1,
        )  # fmt: skip
    if step.action == "cancel":
        return replace(now, state=CANCELLED, closed_at=at)
    if step.action == "praise":
        return replace(now, praised=data["on"])
    return now


def open_order(given: dict[str, Any], now: float) -> dict[str, Any]:
    """Return what the first step of a new order says.

    Args:
        given: `kind`, `title`, `level`, and where wanted `source`, `incident`, `grid`, `layer`,
            `place`, `supplier`, `supplier_kind`.
        now: Epoch seconds.

    Raises:
        OrderError: Something is missing or unknown.
    """
    supplier = _text(given.get("supplier", ""), "supplier", LONGEST_NAME, empty=True)
    level = _choice(given.get("level", "general"), "level", tuple(LIMITS_S))
    return {
        "state": ASSIGNED if supplier else NEW,
        "kind": _choice(given.get("kind"), "kind", KINDS),
        "level": level,
        "title": _text(given.get("title"), "title", LONGEST_TITLE),
        "source": _choice(given.get("source", "staff"), "source", SOURCES),
        **{
            name: _text(given.get(name, ""), name, LONGEST_NAME, empty=True)
            for name in ("incident", "grid", "layer", "place")
        },
        "supplier": supplier,
        "supplier_kind": _supplier_kind(given) if supplier else "",
        "opened_at": now,
        "due": round(now + LIMITS_S[level], 3),
    }


def allowed(order: Order) -> tuple[str, ...]:
    """Return what people may do with an order as it stands."""
    return tuple(
        action
        for action, states in MAY.items()
        if order.state in states and not (action == "praise" and order.rating is None)
    )


def decide(order: Order, action: str, who: str, now: float, given: dict[str, Any]) -> Step:
    """Return the step that a person wants to take.

    Raises:
        StepError: It may not be taken; says why.
    """
    if action not in MAY:
        raise StepError(f"there is no action {action!r}; use one of {', '.join(MAY)}")
    if order.state not in MAY[action]:
        raise StepError(f"{action} is not possible while order {order.id} is {order.state}")
    if action == "praise" and order.rating is None:
        raise StepError(f"praise is not possible while order {order.id} has no rating")
    try:
        data = _data(action, order, now, given)
        if given.get("note"):
            data["note"] = _text(given["note"], "note", LONGEST_TEXT)
    except OrderError as error:
        raise StepError(str(error)) from error
    return Step(action, now, who, data)


def _data(action: str, order: Order, now: float, given: dict[str, Any]) -> dict[str, Any]:
    if action == "assign":
        supplier = _text(given.get("supplier"), "supplier", LONGEST_NAME)
        return {"supplier": supplier, "supplier_kind": _supplier_kind(given)}
    if action == "progress":
        value = given.get("progress")
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 100:
            raise OrderError(
                f"progress: 0 to 100 is wanted, got {value!r}", field="progress", why="number"
            )
        return {"progress": value}
    if action == "note":
        return {"text": _text(given.get("text"), "text", LONGEST_TEXT)}
    if action == "rate":
        rating = given.get("rating")
        if isinstance(rating, bool) or rating not in RATINGS:
            raise OrderError(
                f"rating: 1 to 5 is wanted, got {rating!r}", field="rating", why="number"
            )
        return {"rating": rating}
    if action == "reopen":
        reason = _text(given.get("reason"), "reason", LONGEST_TEXT)
        return {"reason": reason, "due": round(now + LIMITS_S[order.level], 3)}
    if action == "cancel":
        return {"reason": _text(given.get("reason"), "reason", LONGEST_TEXT)}
    if action == "praise":
        if not isinstance(given.get("on", True), bool):
            raise OrderError("on: true or false is wanted")
        return {"on": given.get("on", True)}
    return {}


def _supplier_kind(given: dict[str, Any]) -> str:
    return _choice(given.get("supplier_kind"), "supplier_kind", SUPPLIER_KINDS)


def _choice(value: Any, name: str, known: tuple[str, ...]) -> str:
    if value not in known:
        raise OrderError(
            f"{name}: there is no {value!r}; use one of {', '.join(known)}",
            field=name, why="choice" if value else "missing", got=value, known=known,
        )  # fmt: skip
    return str(value)


def _text(value: Any, name: str, longest: int, *, empty: bool = False) -> str:
    try:
        return ensure_text(value, longest, empty=empty)
    except TypedError as error:
        more = {"most": longest, "got": error.got} if error.why == "long" else {}
        raise OrderError(f"{name}: {error}", field=name, why=error.why, **more) from None
