"""How a measured ratio is told, and CPU time taken."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Line:
    """One line of the table.

    Attributes:
        name: What was compared with what; a line without a value is a remark.
        value: The ratio, or a share.
        goal: What it should reach.
        sense: Whether the goal is the `most` or the `least` it should be.
    """

    name: str
    value: float | None = None
    goal: float | None = None
    sense: str = "most"

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None without one."""
        if self.value is None or self.goal is None:
            return None
        return self.value <= self.goal if self.sense == "most" else self.value >= self.goal

    def text(self) -> str:
        """Return the line as printed."""
        if self.value is None:
            return self.name
        goal = ""
        if self.goal is not None:
            goal = f"goal {'<=' if self.sense == 'most' else '>='} {self.goal:g}"
        verdict = {True: "ok", False: "MISSED", None: ""}[self.met]
        return f"{self.name:<58} {self.value:>12,.2f}   {goal:<16} {verdict}"


def cpu(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the process's CPU seconds of some work, and what it gave."""
    began = time.process_time()
    result = work()
    return time.process_time() - began, result
