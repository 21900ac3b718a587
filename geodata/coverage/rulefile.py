"""The rule file as people edit it: read as it is written, checked, kept under a new version."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from geodata.coverage.rules import DEFAULT, RuleError, Rules, to_rules


def read_rule_data(path: Path = DEFAULT) -> dict[str, Any]:
    """Return a rule file's data as written: what an editor shows and sends back.

    Raises:
        RuleError: It is missing or no JSON object.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise RuleError(f"There is no rule file at {path.name}.") from error
    except (OSError, ValueError) as error:
        raise RuleError(f"{path.name} cannot be read as JSON: {error}") from error
    if not isinstance(data, dict):
        raise RuleError(f"{path.name}: expected one object, found {type(data).__name__}.")
    return data


def check_rule_data(data: Any, *, before: str | None = None) -> Rules:
    """Return the rules that edited data states.

    Args:
        data: As `read_rule_data` gives it.
        before: Version of the rules that are edited; the new one must be another, so that a figure
            always tells which numbers made it.

    Raises:
        RuleError: Something is missing or misstated; the message says what and where.
    """
    if not isinstance(data, dict):
        raise RuleError("rules: send one object, as in rules.json.")
    rules = to_rules(data, "rules")
    if not rules.version.strip():
        raise RuleError("rules: version is empty: name this one, such as 2026-12.")
    if before is not None and rules.version == before:
        raise RuleError(f"rules: version {before!r} is in use: give the edited rules another.")
    return rules


def save_rule_data(path: Path, data: Any) -> Rules:
    """Check edited data and put it in place of a rule file at once; return its rules.

    Raises:
        RuleError: It is not what it should be; then the file stays as it was.
    """
    before = str(read_rule_data(path).get("version")) if path.exists() else None
    rules = check_rule_data(data, before=before)
    beside = path.with_suffix(".new")
    text = json.dumps(data, ensure_ascii=False, indent=2)
    beside.write_text(text + "\n", encoding="utf-8")
    beside.replace(path)
    return rules
