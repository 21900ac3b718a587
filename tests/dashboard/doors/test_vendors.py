import base64
import json
from xml.etree import ElementTree

import pytest

DOORS = ["/feeds/hikvision", "/feeds/dahua", "/feeds/ngsi"]
ANPR = (
    "<EventNotificationAlert><eventType>ANPR</eventType><ANPR><licensePlate>闽A12345</licensePlate>"
    "</ANPR></EventNotificationAlert>"
).encode()


def ways(served):
    token = served.token()
    basic = base64.b64encode(f"whoever:{token}".encode()).decode()
    yield {"headers": {"authorization": f"Bearer {token}"}}
    yield {"headers": {"authorization": f"Basic {basic}"}}
    yield {"params": {"token": token}}


@pytest.mark.parametrize("door", DOORS)
def test_cameras_show_their_token_in_any_way(served, door):
    with served.client(None) as client:
        for way in ways(served):
            answer = client.post(door, content=b"{}", **way)
            assert answer.status_code in (200, 204), way
        for wrong in (
            {},
            {"params": {"token": "wrong"}},
            {"headers": {"authorization": "Basic !!"}},
            {"headers": {"authorization": "Basic"}},
            {"headers": {"authorization": "Digest nonsense"}},
            {"headers": {"authorization": "Negotiate abc"}},
            {"params": {"token": served.token("admin")}},
        ):
            assert client.post(door, content=b"{}", **wrong).status_code in (401, 403), wrong
    assert len(served.kept()) == 3


def test_hikvision_is_answered_in_its_own_words(served):
    with served.client() as client:
        answer = client.post("/feeds/hikvision", params={"device": "c0"}, content=ANPR,
                             headers={"content-type": "application/xml"})  # fmt: skip
        root = ElementTree.fromstring(answer.content)
        told = {child.tag.rpartition("}")[2]: child.text for child in root}
        assert told == {
            "requestURL": "/feeds/hikvision", "statusCode": "1", "statusString": "OK",
            "subStatusCode": "ok",
        }  # fmt: skip
        answer = client.post("/feeds/hikvision", json={"eventType": "x"})
        assert answer.json()["statusCode"] == 1  # kept aside: sending it again changes nothing
    assert [event.data["plate"] for event in served.stored()] == ["闽A12345"]
    with served.client(None) as client:
        answer = client.post("/feeds/hikvision", content=ANPR)
        assert ElementTree.fromstring(answer.content)[1].text == "4"


def test_dahua_is_answered_in_its_own_words(served):
    body = {"Code": "DoorStatus", "Data": {"Status": "Open"}}
    with served.client() as client:
        answer = client.post("/feeds/dahua", params={"device": "d0"}, json=body)
    assert answer.json() == {"Result": True}
    assert served.stored()[0].data == {"state": "open"}
    with served.client(None) as client:
        assert client.post("/feeds/dahua", json=body).json()["Result"] is False


def test_ngsi_is_answered_in_its_own_words(served):
    body = {"id": "urn:ngsi-ld:WasteContainer:bin", "type": "WasteContainer", "fillingLevel": 0.5}
    with served.client() as client:
        answer = client.post("/feeds/ngsi", json=body)
    assert (answer.status_code, answer.content) == (204, b"")
    assert served.stored()[0].data["values"] == {"level": 50.0}


def test_the_address_names_the_device_and_quarantine_remembers_it(served):
    with served.client() as client:
        client.post("/feeds/hikvision", params={"device": "cam-9"}, content=ANPR)
    (kept,) = served.kept()
    assert "cam-9" in kept.reason
    assert "cam-9" in kept.content_type


def test_aliases_take_effect_without_a_restart(tmp_path):
    from dashboard.doors import DoorOptions
    from tests.dashboard.doors.served import serving

    aliases = tmp_path / "aliases.toml"
    aliases.write_text('"other" = "plate_cameras/c1"\n')
    with serving(tmp_path, DoorOptions(aliases=aliases)) as served, served.client() as client:

        def push():
            client.post("/feeds/hikvision", params={"device": "CAM-9"}, content=ANPR)
            return [event.subject for event in served.stored()], len(served.kept())

        assert push() == ([], 1)
        aliases.write_text('"cam-9" = "plate_cameras/c0"\n# two lines\n')
        assert push() == (["c0"], 1)
        aliases.write_text("this is no TOML")  # what was known goes on
        assert push()[1] == 1


@pytest.mark.parametrize("door", DOORS)
def test_faces_leave_nothing_on_disk(served, door, tmp_path):
    """Whatever a door is sent, no image and no template reaches the store."""
    image = base64.b64encode(bytes(range(256)) * 40).decode()
    body = {
        "eventType": "AccessControllerEvent", "Code": "AccessControl", "id": "d0", "type": "Face",
        "deviceID": "d0", "UserID": "4711", "FaceInfo": {"Template": image, "Name": "甲某某"},
        "picture": f"data:image/jpeg;base64,{image}",
        "url": "http://camera.example/faces/1.jpg",
    }  # fmt: skip
    with served.client() as client:
        for sent in (json.dumps(body).encode(), b"\xff\xd8\xff" + image.encode() + b"\xff\xd9"):
            client.post(door, params={"device": "d0"}, content=sent)
    served.store.engine.dispose()
    disk = b"".join(path.read_bytes() for path in tmp_path.glob("twin.db*"))
    assert b"AccessControl" in disk or b"type" in disk  # it was kept, or became an event
    for private in (image[:60], "faces/1.jpg"):
        assert private.encode() not in disk
