"""Who may see quarantine on the page: whoever may by the API, and nobody else."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request

from dashboard.doors.desk import Desk
from dashboard.doors.limits import Refusal
from dashboard.quarantine import let_in


async def admit(desk: Desk, token: str | None, headers: Mapping[str, str], client: str) -> bool:
    """Let a callback's caller in, or not; return whether plates may be seen.

    Args:
        desk: The doors, whose rule for administrators holds here too.
        token: What the page's field holds.
        headers: Of the callback's own request.
        client: Address it came from.

    Raises:
        Refusal: No administrator, no administrator's token, and not this machine in the demo.
    """
    try:
        return await let_in(desk, as_request(token, headers, client))
    except Refusal as refusal:
        desk.note_refusal("quarantine", refusal)
        raise


def as_request(token: str | None, headers: Mapping[str, str], client: str) -> Request:
    """Return a request as the API would get it: the field's token is its only credential."""
    shown = {
        name.lower(): value for name, value in headers.items() if name.lower() != "authorization"
    }
    if token and token.strip():
        shown["authorization"] = f"Bearer {token.strip()}"
    raw = [(name.encode("latin-1"), value.encode("utf-8")) for name, value in shown.items()]
    return Request({"type": "http", "headers": raw, "query_string": b"", "client": (client, 0)})
