"""The GA/T 1400 door: we are the superior (上级) that devices register with and report to."""

import re
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response

from dashboard.doors.desk import BY_NAME, Desk, sender_headers
from dashboard.doors.limits import Refusal, read_body
from dashboard.doors.registrations import Registration, Registrations
from live.feeds.fields import as_list
from live.feeds.gat1400 import PEOPLE, SIGNS_OF_LIFE, VEHICLES
from live.reception import Taken
from live.store import StoreError

Handler = Callable[[Request], Awaitable[Response]]

MEDIA_TYPE = "application/VIID+JSON;charset=UTF-8"
OBJECTS = ("MotorVehicles", "NonMotorVehicles", "Faces", "Persons", "SubscribeNotifications")
KEPT_ASIDE = ("Subscribes", "Dispositions", "DispositionNotifications")
"""Asked of a platform that gives data out; this one takes it in."""
OK, OTHER_ERROR, BUSY, INVALID_OPERATION, INVALID_JSON, INVALID_CONTENT = 0, 1, 2, 4, 7, 8
"""Confirmation codes (GA/T 1400.3, ConfirmStatusType)."""

_DEVICE = re.compile(r"[0-9A-Za-z_\-.]{1,48}")
_IDS = ("MotorVehicleID", "NonMotorVehicleID", "FaceID", "PersonID", "NotificationID",
        "SubscribeID", "DispositionID", "DeviceID")  # fmt: skip
_STATUS_CODES = {503: BUSY, 429: BUSY, 401: INVALID_OPERATION, 403: INVALID_OPERATION}


class Viid:
    """Answers the requests of registered devices."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._kept: Registrations | None = None

    @property
    def registrations(self) -> Registrations:
        """Who is registered."""
        if self._kept is None:
            store = self.desk.world.twin.store
            self._kept = Registrations(store, self.desk.options.registration_s)
        return self._kept

    async def register(self, request: Request) -> Response:
        """Register a device that proves a token by Digest."""
        token = await self.desk.access.digest_only(request)
        self.desk.count_message(token.id)
        device, _ = await self._named(request, "RegisterObject")
        await self.registrations.add(device, token.id, _address(request))
        await self._heard(request, device)
        return self._status(request, OK, "registered", device)

    async def unregister(self, request: Request) -> Response:
        """End a registration."""
        found = await self._registered(request)
        device, _ = await self._named(request, "UnRegisterObject", found.device)
        await self.registrations.remove(device)
        return self._status(request, OK, "unregistered", device)

    async def keepalive(self, request: Request) -> Response:
        """Hear that a device lives."""
        found = await self._registered(request)
        device, _ = await self._named(request, "KeepaliveObject", found.device)
        await self._heard(request, device)
        return self._status(request, OK, "OK", device)

    async def time(self, request: Request) -> Response:
        """Tell the time of the community's place."""
        await self._registered(request)
        return self._respond(
            {
                "SystemTimeObject": {
                    "TimeMode": "1",
                    "LocalTime": self._local_time(),
                    "TimeZone": str(self.desk.world.timezone),
                }
            }
        )

    async def objects(self, request: Request) -> Response:
        """Take in objects; each has its own status in the answer."""
        found = await self._registered(request)
        body, taken = await self.desk.take(request, "gat1400")
        await self.registrations.renew(found)
        statuses = [
            self._entry(request, code, text, identity)
            for identity, code, text in tell_each(body, taken)
        ]
        return self._respond({"ResponseStatusListObject": {"ResponseStatusObject": statuses}})

    async def subscribes(self, request: Request) -> Response:
        """List what is wanted of devices: everything that is taken in, without an end."""
        await self._registered(request)
        return self._respond({"SubscribeListObject": {"SubscribeObject": []}})

    def answering(self, handle: Handler) -> Handler:
        """Return a handler that tells a refusal in the way of the protocol."""

        async def endpoint(request: Request) -> Response:
            try:
                return await handle(request)
            except Refusal as refusal:
                return self._refused(request, refusal)
            except StoreError:
                busy = Refusal(503, "the store does not take anything in", retry_after="5")
                return self._refused(request, busy)

        return endpoint

    async def _registered(self, request: Request) -> Registration:
        """Return the registration of the device that speaks.

        Raises:
            Refusal: It is not registered, or not any more, or speaks from elsewhere.
        """
        device = request.headers.get("user-identify", "").strip()
        found = None
        if _DEVICE.fullmatch(device):
            await self.desk.access.reread()
            found = await self.registrations.find(device)
        if (
            found is None
            or found.address != _address(request)
            or not self.desk.access.is_in_use(found.token)
        ):
            # a device that shows its Digest each time registers as it speaks
            token = await self.desk.access.digest_only(request)
            if found is None or token.id != found.token:
                raise Refusal(401, "register first: POST /VIID/System/Register")
        self.desk.count_message(f"{found.token}/{device}")
        return found

    async def _named(
        self, request: Request, name: str, device: str = ""
    ) -> tuple[str, dict[str, Any]]:
        """Return the device that a small request names, and what it says.

        Raises:
            Refusal: It names none, or another than the one that speaks.
        """
        async with read_body(request, self.desk.options, self.desk.budget) as body:
            try:
                document = orjson.loads(body) if body.strip() else {}
            except orjson.JSONDecodeError:
                raise Refusal(400, f"not JSON; send {name}") from None
        told = document.get(name) if isinstance(document, dict) else None
        told = told if isinstance(told, dict) else {}
        speaker = device or request.headers.get("user-identify", "").strip()
        named = str(told.get("DeviceID") or speaker)
        if not _DEVICE.fullmatch(named):
            raise Refusal(400, f"{name} needs a DeviceID")
        if speaker and named != speaker:
            raise Refusal(400, f"DeviceID {named} is not the User-Identify of the request")
        return named, told

    async def _heard(self, request: Request, device: str) -> None:
        """Renew a registration; a device that is a thing of the community was heard as such."""
        found = await self.registrations.find(device)
        if found is not None:
            await self.registrations.renew(found)
        body = orjson.dumps({"KeepaliveObject": {"DeviceID": device}})
        reception = self.desk.reception
        feed = BY_NAME["gat1400"]
        headers = sender_headers(request)
        parsed = reception.read(feed, body, headers, self.desk.world.twin.clock())
        if parsed.events:  # a platform that registers is no thing of the community
            await self.desk.submit(feed, body, headers)

    def _refused(self, request: Request, refusal: Refusal) -> Response:
        self.desk.note_refusal("viid", refusal)
        code = _STATUS_CODES.get(refusal.status, OTHER_ERROR)
        code = INVALID_JSON if refusal.reason.startswith("not JSON") else code
        response = self._status(request, code, refusal.reason)
        response.status_code = refusal.status
        for name, value in refusal.headers:
            response.headers.append(name, value)
        return response

    def _status(self, request: Request, code: int, text: str, device: str = "") -> Response:
        device = device or request.headers.get("user-identify", "")[:48]
        return self._respond({"ResponseStatusObject": self._entry(request, code, text, device)})

    def _entry(self, request: Request, code: int, text: str, identity: str) -> dict[str, Any]:
        return {
            "RequestURL": request.url.path,
            "StatusCode": code,
            "StatusString": text,
            "Id": identity,
            "LocalTime": self._local_time(),
        }

    def _local_time(self) -> str:
        world = self.desk.world
        return world.twin.clock().astimezone(world.timezone).strftime("%Y%m%d%H%M%S")

    def _respond(self, value: dict[str, Any]) -> Response:
        return Response(orjson.dumps(value), headers={"content-type": MEDIA_TYPE})


def tell_each(body: bytes, taken: Taken) -> list[tuple[str, int, str]]:
    """Return id, code and text for each object of a message, in its order."""
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        return [("", INVALID_JSON, _first_reason(taken))]
    names = {name for name, _ in _objects(document)}
    if not names:
        return [(_identity(document), INVALID_OPERATION, _first_reason(taken))]
    rejected: dict[str, list[str]] = {}
    for reject in taken.parsed.rejects:
        found = _objects(_loads(reject.body))
        key = _identity(found[0][1]) if found else ""
        rejected.setdefault(key, []).append(reject.reason)
    refused = {one.index: one.reason for one in taken.refused}
    told, events = [], Counter[str]()
    for _, record in _objects(document):
        identity = _identity(record)
        reason = None
        if rejected.get(identity):
            reason = rejected[identity].pop(0)
        else:
            reason = refused.get(events["read"])
            events["read"] += 1
        code, text = (OK, "OK") if reason is None else (INVALID_CONTENT, f"kept aside: {reason}")
        told.append((identity, code, text))
    return told


def _first_reason(taken: Taken) -> str:
    reasons = [reject.reason for reject in taken.parsed.rejects]
    return f"kept aside: {reasons[0]}" if reasons else "nothing to take in"


def _objects(value: Any, depth: int = 12) -> list[tuple[str, Any]]:
    """Return the objects of a document that the feed reads, with their names, in its order."""
    found: list[tuple[str, Any]] = []
    if depth <= 0:
        return found
    if isinstance(value, list):
        for item in value:
            found += _objects(item, depth - 1)
    elif isinstance(value, dict):
        for name, item in value.items():
            if name in (*VEHICLES, *PEOPLE, *SIGNS_OF_LIFE):
                found += [(name, record) for record in as_list(item)]
            else:
                found += _objects(item, depth - 1)
    return found


def _identity(record: Any, depth: int = 4) -> str:
    """Return the id of an object, or of the first object in a document that has one."""
    if depth <= 0:
        return ""
    if isinstance(record, list):
        return _identity(record[0], depth - 1) if record else ""
    if not isinstance(record, dict):
        return ""
    for name in _IDS:
        if isinstance(record.get(name), str):
            return str(record[name])[:64]
    inner = [value for value in record.values() if isinstance(value, dict | list)]
    return _identity(inner[0], depth - 1) if inner else ""


def _loads(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def build_router(desk: Desk) -> APIRouter:
    """Return the routes under /VIID."""
    router = APIRouter()
    viid = Viid(desk)

    def add(method: str, path: str, handle: Handler) -> None:
        router.add_api_route(path, viid.answering(handle), methods=[method], tags=["devices"])

    add("POST", "/System/Register", viid.register)
    add("POST", "/System/UnRegister", viid.unregister)
    add("POST", "/System/Keepalive", viid.keepalive)
    add("GET", "/System/Time", viid.time)
    for name in (*OBJECTS, *KEPT_ASIDE):
        add("POST", f"/{name}", viid.objects)
    add("GET", "/Subscribes", viid.subscribes)
    return router
