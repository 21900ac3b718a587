"""Reasons and outcomes in words: what a feed told for people, in the page's own language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from dash import html

from dashboard.doors.masking import mask_text
from dashboard.words import Words

MOST = 50
"""Reasons that are told of one message."""


def feed_name(words: Words, name: str) -> str:
    """Return the name of a feed."""
    key = f"intake.feed.{name}"
    return words(key) if key in words.entries else name


_REASONS = (
    (r"unknown device ID (?P<a>'[^']*'|…).*: give it an alias", "unknown_device"),
    (r"names no device: .*", "no_device"),
    (r"no rule of the MQTT mapping fits topic (?P<a>'[^']*'|…)", "no_topic"),
    (r"no rule for (?P<a>'[^']*'|…) fits what the message holds", "no_rule"),
    (r"holds no number that the mapping knows", "no_number"),
    (r"unknown kind (?P<a>'[^']*'|…); use .*", "unknown_kind"),
    (r"unknown state (?P<a>'[^']*'|…); use .*", "unknown_state"),
    (r"(?P<a>\w+) has no (?P<b>'[^']*'|…) in this community", "not_here"),
    (r"observed_at .* is more than a day ahead", "ahead"),
    (r"not (?P<a>JSON|XML|CSV): .*", "not_read"),
    (r"event (?:type )?(?P<a>'[^']*'|…) is not taken in .*", "not_taken"),
    (r"XML with a DTD or entities is refused", "entities"),
    (r"expected an array of events, .*", "no_events"),
)
"""Reasons that are told in the page's own language; all others as the feed told them."""


def tell_reason(words: Words, reason: str, *, in_clear: bool) -> Any:
    """Return a reason in the page's language where it is a known one, else as it is.

    Args:
        words: The page's language.
        reason: As the feed told it, or its kind.
        in_clear: Whether plates may be seen.
    """
    reason = reason if in_clear else mask_text(reason)
    for pattern, name in _REASONS:
        found = re.fullmatch(pattern, reason)
        if found is not None:
            return words(f"intake.reason.{name}", **found.groupdict())
    return html.Span(reason, lang="en")


def tell_outcome(words: Words, status: int, told: Mapping[str, Any], *, in_clear: bool) -> html.Div:
    """Return in words what became of an order.

    Args:
        words: The page's language.
        status: HTTP status that the API has for it.
        told: The API's answer.
        in_clear: Whether plates may be seen.
    """
    if status == 200 and told.get("state") == "discarded":
        return html.Div(words("intake.done.discarded", n=told["id"]), className="told")
    if status == 200:
        said = words("intake.done.replayed", n=told["id"], accepted=told["accepted"],
                     duplicate=told["duplicate"])  # fmt: skip
        return html.Div(said, className="told")
    if status == 422:
        key = "intake.done.fixed" if told.get("state") == "fixed" else "intake.done.unfit"
        reasons = [
            html.Li([f"{one['index'] + 1}. ", tell_reason(words, one["reason"], in_clear=in_clear)])
            for one in told["quarantined"][:MOST]
        ]
        return html.Div([words(key, n=told["id"]), html.Ul(reasons)], className="told unfit")
    key = f"intake.refused.{status}"
    if key not in words.entries:
        key = "intake.refused.503"
    return html.Div(words(key), className="told unfit")
