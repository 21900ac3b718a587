"""Every real payload posted to its door ends as events or in quarantine; never as a 500.

LoRaWAN and Frigate payloads come by MQTT and are no business of these doors.
"""

import json
from pathlib import Path

import httpx
import pytest

from dashboard.doors import DoorOptions
from tests.dashboard.doors.served import serving

PLATFORM = "35010200002000000001"
GAT1400 = {
    "POST_VIID_MotorVehicles.json": ("MotorVehicles", 1, 0),
    "POST_VIID_SubscribeNotifications_CONSTRUCTED.json": ("SubscribeNotifications", 1, 0),
    "POST_VIID_Faces.json": ("Faces", 0, 1),  # of a device that is nobody's
    "simulator_dialect_POST_MotorVehicles.json": ("MotorVehicles", 1, 0),
    "simulator_dialect_POST_Persons.json": ("Persons", 1, 1),  # the second names no device
    "disposition.json": ("Dispositions", 0, 1),
    "system_register_keepalive.json": ("MotorVehicles", 2, 0),
    "NOTE.txt": ("Faces", 0, 1),
}
HIKVISION = {
    "access_push_live_face.json": ("d0", 1, 0),
    "acs_event_search_response.json": ("d0", 17, 3),
    "alertStream_access.multipart.txt": ("d0", 7, 14),
    "anpr_deepinview_v5.8.xml": ("c1", 1, 0),
    "anpr_ds-tcg405-e_full.xml": ("c1", 1, 0),
    "anpr_multipart_body.bin": ("c1", 1, 0),
    "anpr_multipart_headers.txt": ("c1", 0, 1),
    "anpr_unread_plate.xml": ("c1", 1, 0),
    "vmd_motion.xml": ("c1", 0, 1),
    "NOTE.txt": ("c1", 0, 1),
}
DAHUA = {
    "access_control_batch_offline.json": ("d0", 1, 0),
    "door_status.json": ("d0", 1, 0),
    "parking_space_traffic_car.json": ("c1", 1, 0),
    "traffic_junction_real_shape.json": ("c1", 1, 0),
    "eventManager_stream.txt": ("c1", 2, 3),
    "NOTE.txt": ("c1", 0, 1),
}
TELLS_NOTHING = {
    "BuildingOperation", "DeviceModel", "ParkingAccess", "SmartPointOfInteraction", "Museum",
    "PointOfInterest", "StreetlightGroup", "GtfsAccessPoint", "WasteContainerIsle",
}  # fmt: skip
TELLS_TWICE = {"Device", "Streetlight", "BikeHireDockingStation", "WasteContainer"}


@pytest.fixture(scope="module")
def served(tmp_path_factory, payloads):
    """One server for all files, with an alias for each device that they name."""
    aliases = {
        "2141245": "plate_cameras/c0",
        "41000000300101000001": "plate_cameras/c0",
        "41000000005030312222": "entrances/d0",
    }
    for path in (payloads / "ngsi").rglob("example*.json*"):
        entity = json.loads(path.read_text())
        aliases[entity["id"]] = "parking/p0" if "Parking" in entity["type"] else "devices/bin"
    folder = tmp_path_factory.mktemp("payloads")
    file = folder / "aliases.toml"
    # a JSON string is a TOML string
    lines = [f"{json.dumps(key)} = {json.dumps(value)}" for key, value in aliases.items()]
    file.write_text("\n".join(lines))
    with serving(folder, DoorOptions(aliases=file, feed_rate=10_000)) as server:
        yield server


@pytest.fixture
def outcome(served):
    """Ask what a feed made of what happens: events, whether new or known, and messages kept."""
    with served.client("admin") as client:

        def counts(feed):
            one = next(
                one for one in client.get("/api/v1/feeds").json()["feeds"] if one["feed"] == feed
            )
            return one["accepted"] + one["duplicate"], one["quarantined"]

        def run(feed, send):
            before, kept = counts(feed), len(served.kept())
            answer = send()
            after = counts(feed)
            # what was kept aside is there, with its reason
            new = served.kept()[kept:]
            assert len(new) == after[1] - before[1]
            assert all(one.reason and one.source == feed for one in new)
            return answer, after[0] - before[0], after[1] - before[1]

        yield run


def test_every_file_is_asserted(payloads):
    for folder, known in (("gat1400", GAT1400), ("hikvision", HIKVISION), ("dahua", DAHUA)):
        assert {path.name for path in (payloads / folder).iterdir()} == set(known)


@pytest.mark.parametrize("name", GAT1400)
def test_gat1400(served, outcome, payloads, name):
    path, events, kept = GAT1400[name]
    headers = {"User-Identify": PLATFORM, "Content-Type": "application/VIID+JSON;charset=UTF-8"}
    auth = httpx.DigestAuth("nvr", served.token("feed", "nvr"))
    with served.client(None) as client:
        client.post("/VIID/System/Register", headers=headers, auth=auth,
                    json={"RegisterObject": {"DeviceID": PLATFORM}}).raise_for_status()  # fmt: skip
        body = (payloads / "gat1400" / name).read_bytes()
        answer, *made = outcome(
            "gat1400", lambda: client.post(f"/VIID/{path}", content=body, headers=headers)
        )
    assert (answer.status_code, *made) == (200, events, kept)
    statuses = answer.json()["ResponseStatusListObject"]["ResponseStatusObject"]
    assert [one["StatusCode"] == 0 for one in statuses].count(True) == events
    assert len(statuses) == events + kept


@pytest.mark.parametrize("name", HIKVISION)
def test_hikvision(served, outcome, payloads, name):
    device, events, kept = HIKVISION[name]
    folder = payloads / "hikvision"
    headers = {}
    if name == "anpr_multipart_body.bin":
        head = (folder / "anpr_multipart_headers.txt").read_text().splitlines()[0]
        headers["content-type"] = head.split(": ", 1)[1]
    body = (folder / name).read_bytes()
    with served.client() as client:
        answer, *made = outcome(
            "hikvision",
            lambda: client.post(
                "/feeds/hikvision", params={"device": device}, content=body, headers=headers
            ),
        )
    assert (answer.status_code, *made) == (200, events, kept)


@pytest.mark.parametrize("encoding", ["", "deflate"])
@pytest.mark.parametrize("name", DAHUA)
def test_dahua(served, outcome, payloads, name, encoding):
    """Under the header of packing that some firmwares send though they pack nothing, too."""
    device, events, kept = DAHUA[name]
    body = (payloads / "dahua" / name).read_bytes()
    headers = {"content-encoding": encoding} if encoding else {}
    with served.client() as client:
        answer, *made = outcome(
            "dahua",
            lambda: client.post(
                "/feeds/dahua", params={"device": device}, content=body, headers=headers
            ),
        )
    assert (answer.status_code, *made) == (200, events, kept)


def test_ngsi(served, outcome, payloads):
    files = [path for path in sorted((payloads / "ngsi").rglob("*")) if path.is_file()]
    assert len(files) == 166
    with served.client() as client:
        for path in files:
            wanted = (0, 1)
            if path.name.startswith("example"):
                kind = json.loads(path.read_text())["type"]
                told = 0 if kind in TELLS_NOTHING else 2 if kind in TELLS_TWICE else 1
                wanted = (told, 0 if told else 1)
            body = path.read_bytes()
            answer, *made = outcome("ngsi", lambda body=body: client.post(
                "/feeds/ngsi", content=body, headers={"content-type": "application/ld+json"}
            ))  # fmt: skip
            assert (answer.status_code, *made) == (204, *wanted), path


def test_no_picture_and_no_name_is_on_disk(served, payloads):
    """The store's own files are read byte by byte."""
    with served.client() as client:
        for feed, files in (("hikvision", HIKVISION), ("dahua", DAHUA)):
            for name, (device, *_) in files.items():
                if name != "NOTE.txt":
                    body = (payloads / feed / name).read_bytes()
                    client.post(f"/feeds/{feed}", params={"device": device}, content=body)
                    client.post(f"/feeds/{feed}", params={"device": "nobody"}, content=body)
    folder = Path(served.store.engine.url.database).parent
    disk = b"".join(path.read_bytes() for path in folder.glob("twin.db*"))
    assert b"nobody" in disk
    for private in (b"\xff\xd8\xff", b"REDACTED_NAME", b"Fulano", b"Alice", b".jpg", b".jpeg"):
        assert private not in disk, private
