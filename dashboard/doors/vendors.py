"""The doors of makers and platforms: Hikvision, Dahua, NGSI; each is one line and one answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from xml.sax.saxutils import escape

import orjson
from starlette.requests import Request
from starlette.responses import Response

from dashboard.doors.limits import Refusal
from live.reception import Taken

Answer = Callable[[Request, Taken | Refusal], Response]


@dataclass(frozen=True)
class Door:
    """One address that a maker's devices speak to.

    Attributes:
        path: Of the address.
        feed: Name of the feed that reads what comes.
        answer: Makes the answer that these devices understand.
    """

    path: str
    feed: str
    answer: Answer


_HIK_XML = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<ResponseStatus version="2.0" xmlns="http://www.hikvision.com/ver20/XMLSchema">'
    "<requestURL>{url}</requestURL><statusCode>{code}</statusCode>"
    "<statusString>{text}</statusString><subStatusCode>{sub}</subStatusCode></ResponseStatus>"
)


def answer_hikvision(request: Request, outcome: Taken | Refusal) -> Response:
    """Answer by ISAPI's ResponseStatus, in JSON to those that speak JSON.

    What is kept aside counts as delivered: a device would send it again for ever.
    """
    code, text, sub = 1, "OK", "ok"
    if isinstance(outcome, Refusal):
        code, text, sub = {
            401: (4, "Invalid Operation", "badAuthorization"),
            403: (4, "Invalid Operation", "lowPrivilege"),
            429: (2, "Device Busy", "deviceBusy"),
            503: (2, "Device Busy", "serviceUnavailable"),
        }.get(outcome.status, (4, "Invalid Operation", "notSupport"))
    url = request.url.path
    if "json" in request.headers.get("content-type", "").lower():
        told = {"requestURL": url, "statusCode": code, "statusString": text, "subStatusCode": sub}
        return _respond(outcome, orjson.dumps(told), "application/json")
    body = _HIK_XML.format(url=escape(url), code=code, text=text, sub=sub)
    return _respond(outcome, body.encode(), "application/xml")


def answer_dahua(request: Request, outcome: Taken | Refusal) -> Response:
    """Answer by the Result that Dahua's devices look for."""
    told: dict[str, object] = {"Result": not isinstance(outcome, Refusal)}
    if isinstance(outcome, Refusal):
        told["Message"] = outcome.reason
    return _respond(outcome, orjson.dumps(told), "application/json")


def answer_ngsi(request: Request, outcome: Taken | Refusal) -> Response:
    """Answer a notification by 204; a refusal by the error object of NGSI-LD (RFC 7807)."""
    if not isinstance(outcome, Refusal):
        return Response(status_code=204)
    told = {
        "type": "https://uri.etsi.org/ngsi-ld/errors/InternalError"
        if outcome.status >= 500
        else "https://uri.etsi.org/ngsi-ld/errors/BadRequestData",
        "title": outcome.reason,
        "status": outcome.status,
    }
    return _respond(outcome, orjson.dumps(told), "application/json")


DOORS = (
    Door("/feeds/hikvision", "hikvision", answer_hikvision),
    Door("/feeds/dahua", "dahua", answer_dahua),
    Door("/feeds/ngsi", "ngsi", answer_ngsi),
)
"""A new maker is a feed in `live.feeds` and a line here."""


def _respond(outcome: Taken | Refusal, body: bytes, media_type: str) -> Response:
    status = outcome.status if isinstance(outcome, Refusal) else 200
    response = Response(body, status, media_type=media_type)
    if isinstance(outcome, Refusal):
        for name, value in outcome.headers:
            response.headers.append(name, value)
    return response
