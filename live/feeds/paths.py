"""Small paths into JSON (`a.b.0.c`) and MQTT topics, for mappings that are configuration."""

from __future__ import annotations

from typing import Any


def look_up(document: Any, path: str, topic: list[str]) -> Any:
    """Return what a path leads to, or None.

    `a.b` goes into objects, a number into lists; `$topic.2` is a level of the topic, `$topic.-1`
    its last, `$topic.2-` all from there on, `$topic.2:-1` those without the last; `$` is the whole
    document. A name that itself holds dots is found too.
    """
    if path.startswith("$topic."):
        return _look_up_level(path.removeprefix("$topic."), topic)
    if path == "$":
        return document
    return _walk(document, path.split("."))


def _look_up_level(level: str, topic: list[str]) -> str | None:
    if ":" in level:
        first, last = map(int, level.split(":"))
        return "/".join(topic[first:last]) or None
    if level.endswith("-"):
        return "/".join(topic[int(level[:-1]) :]) or None
    at = int(level)
    return topic[at] if -len(topic) <= at < len(topic) else None


def _walk(value: Any, steps: list[str]) -> Any:
    if not steps:
        return value
    if isinstance(value, list):
        at = int(steps[0]) if steps[0].isdecimal() else len(value)
        return _walk(value[at], steps[1:]) if at < len(value) else None
    if not isinstance(value, dict):
        return None
    for size in range(len(steps), 0, -1):
        name = ".".join(steps[:size])
        if name in value:
            return _walk(value[name], steps[size:])
    return None


def topic_fits(pattern: list[str], topic: list[str]) -> bool:
    """Say whether a topic fits a filter with `+` and `#` (MQTT 5.0, section 4.7)."""
    for level, wanted in enumerate(pattern):
        if wanted == "#":
            return not (level == 0 and topic and topic[0].startswith("$"))
        if level >= len(topic):
            return False
        if wanted == "+":
            if level == 0 and topic[0].startswith("$"):
                return False
        elif wanted != topic[level]:
            return False
    return len(pattern) == len(topic)
