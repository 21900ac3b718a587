"""Settings over HTTP: checked, applied at once, told apart, undone, imported with a dry run."""

from datetime import timedelta

import pytest

from dashboard.coverage.desk import RULES
from geodata.coverage.hours import Clock
from live import audit
from live.events import utc_now
from live.store.cases import AUDIT
from live.store.edits import EDITS
from tests.browser.tiny import make_event

API = "/api/v1/settings"


def item(http, topic, key):
    items = http.get(f"{API}/{topic}").json()["items"]
    return next(one for one in items if one["key"] == key)


def put(http, topic, key, revision=None, **body):
    if revision is None:
        revision = item(http, topic, key)["revision"]
    head = {"if-match": f'"{revision}"'}
    return http.put(f"{API}/{topic}/{key}", json=body, headers=head)


def turn(http, number, action):
    return http.post(f"{API}/edits/{number}", json={"action": action})


def entry(http, key):
    groups = http.get("/api/v1/directory").json()["groups"]
    return next(one for group in groups for one in group["entries"] if one["id"] == key)


def test_a_service_is_another_on_every_screen_at_once_and_the_file_is_not(http, served):
    base = served.world.edits.topics["services"].frame.copy()
    values = {"name": "邻里小店", "hours": "24/7", "phone": "0591-8765 4321", "capacity": "12"}
    made = put(http, "services", "s1", values=values)
    assert made.status_code == 200, made.text
    told = entry(http, "s1")
    assert (told["name"], told["state"], told["phone"]) == ("邻里小店", "open", "0591-8765 4321")
    detail = http.get("/api/v1/features/services/s1").json()
    assert (detail["name"], detail["columns"]["capacity"]) == ("邻里小店", 12)
    found = http.get("/api/v1/search", params={"q": "邻里小店"}).json()
    assert "s1" in str(found)
    assert served.world.edits.topics["services"].frame.equals(base)
    assert item(http, "services", "s1")["edited"]["name"] == "小店"
    assert turn(http, made.json()["edit"], "undo").status_code == 200
    assert entry(http, "s1")["name"] == "小店"


def test_each_field_that_does_not_fit_is_told_and_nothing_is_kept(http):
    before = http.get(API).json()["revision"]
    refused = put(http, "services", "s0", values={
        "hours": "nine to five", "capacity": -1, "phone": "call me", "kind": "castle",
        "closed_until": "2020-01-01T08:00", "colour": "red", "name": "",
    })  # fmt: skip
    assert refused.status_code == 422
    why = {one["field"]: one["why"] for one in refused.json()["faults"]}
    assert why == {
        "hours": "hours", "capacity": "low", "phone": "phone", "kind": "choice",
        "closed_until": "past", "colour": "unknown", "name": "required",
    }  # fmt: skip
    assert http.get(API).json()["revision"] == before


def test_two_editors_never_overwrite_each_other(http):
    seen = item(http, "services", "s0")["revision"]
    assert put(http, "services", "s0", seen, values={"capacity": 41}).status_code == 200
    late = put(http, "services", "s0", seen, values={"capacity": 42})
    assert late.status_code == 409
    (since,) = late.json()["since"]
    assert (since["field"], since["new"]) == ("capacity", 41)
    assert item(http, "services", "s0")["values"]["capacity"] == 41
    without = http.put(f"{API}/services/s0", json={"values": {"capacity": 43}})
    assert without.status_code == 428


def test_a_closed_service_is_closed_whatever_it_says_and_opens_by_itself(http, served):
    served.submit(make_event("services", "s0", "service", state="open", used=3))
    end = (utc_now() + timedelta(hours=2)).isoformat()
    number = put(http, "services", "s0", values={"closed_until": end}).json()["edit"]
    assert served.snapshot()["services"]["s0"]["s"] == "closed"
    assert (entry(http, "s0")["state"], entry(http, "s0")["by"]) == ("closed", "manager")
    served.submit(make_event("services", "s0", "service", state="open", used=4))
    assert served.snapshot()["services"]["s0"]["s"] == "closed"
    desk, real = served.world.edits, served.world.twin.clock
    served.world.twin.clock = lambda: utc_now() + timedelta(hours=3)
    try:
        desk.look()
        assert served.snapshot()["services"]["s0"]["s"] == "open"
    finally:
        served.world.twin.clock = real
    turn(http, number, "undo")
    assert served.snapshot()["services"]["s0"]["s"] == "open"


def test_rules_hold_at_once_and_a_switched_off_rule_raises_nothing(http, served):
    rules = served.world.twin.incidents.rules_file
    made = put(http, "rules", "rule.held", values={"for_s": 600, "severity": "2"})
    held = next(rule for rule in rules.rules.rules if rule.id == "held")
    assert (held.for_s, held.severity) == (600, 2)
    assert next(rule for rule in rules.base.rules if rule.id == "held").for_s == 900
    off = put(http, "rules", "rule.sos_pressed", values={"enabled": False}).json()["edit"]
    opened = len(served.world.twin.incidents.open())
    served.submit(make_event("devices", "sos0", "alarm", type="sos"))
    assert len(served.world.twin.incidents.open()) == opened
    turn(http, off, "undo")
    served.submit(make_event("devices", "sos0", "alarm", type="sos"))
    served.world.twin.sweep_incidents()
    assert len(served.world.twin.incidents.open()) == opened + 1
    turn(http, made.json()["edit"], "undo")
    wrong = put(http, "rules", "rule.bin_full", values={"clear": 99})
    assert wrong.json()["faults"][0]["why"] == "clear"
    assert put(http, "rules", "shelving", values={"longest_s": 3600}).status_code == 200
    assert rules.rules.shelve_longest_s == 3600


def test_coverage_goes_by_other_numbers_under_another_version(http, served):
    before = http.get("/api/v1/coverage/rules").json()
    made = put(http, "coverage", "tiers.5min", values={"walk_m": 350})
    assert made.status_code == 200, made.text
    after = http.get("/api/v1/coverage/rules").json()
    assert after["tiers"]["5min"]["walk_m"] == 350
    assert after["version"] != before["version"]
    assert served.world.twin.store.recall(RULES)
    turn(http, made.json()["edit"], "undo")
    again = http.get("/api/v1/coverage/rules").json()
    assert again["tiers"] == before["tiers"]
    assert len({before["version"], after["version"], again["version"]}) == 3


def test_a_listed_plate_raises_an_incident_and_is_in_clear_nowhere(http, served):
    plate = "闽A8R4T6"
    values = {"list": "watch", "plate": "闽A·8R4T6", "why": "协查"}
    made = http.post(f"{API}/lists", json={"values": values})
    assert made.status_code == 201, made.text
    key = made.json()["item"]["key"]
    assert http.post(f"{API}/lists", json={"values": values}).json()["faults"][0]["why"] == "twice"
    opened = len(served.world.twin.incidents.open())
    served.submit(make_event("plate_cameras", "c0", "plate", plate=plate, direction="in"))
    assert len(served.world.twin.incidents.open()) == opened + 1
    shown = [http.get(f"{API}/lists").text, http.get(f"{API}/history").text,
             http.get(f"{API}/history.csv").text]  # fmt: skip
    with served.world.twin.store.reading() as conn:
        shown += [str(row) for row in conn.execute(EDITS.select())]
        shown += [str(row) for row in conn.execute(AUDIT.select())]
        assert audit.verify(conn).problems == []
    assert plate not in " ".join(shown)
    assert "闽A·8R**6" in shown[0]
    revision = item(http, "lists", key)["revision"]
    gone = http.delete(f"{API}/lists/{key}", headers={"if-match": str(revision)})
    assert gone.status_code == 200, gone.text
    assert http.get(f"{API}/lists").json()["items"] == []
    watched = [rule for rule in served.world.twin.incidents.rules_file.rules.rules
               if rule.when == "plate"]  # fmt: skip
    assert plate not in watched[0].plates
    turn(http, gone.json()["edit"], "undo")
    assert item(http, "lists", key)["values"]["why"] == "协查"


CSV = """编号,名称,服务电话,容量,备注
s0,老年食堂,0591-111 2222,50,x
s1,,打我,,
zz,,1,,
s1,,0591-333 4444,,
"""


def test_a_file_is_tried_told_taken_and_undone(http):
    told = http.post(f"{API}/imports/services?name=a.csv", content=CSV.encode()).json()
    assert (told["rows"], told["changed"], told["rejected"]) == (4, 1, 3)
    assert {(one["row"], one["field"], one["why"]) for one in told["faults"]} == {
        (3, "phone", "phone"), (4, "id", "missing"), (5, "id", "double"),
    }  # fmt: skip
    assert told["ignored"] == ["备注"]
    assert entry(http, "s0")["name"] == "长者食堂"
    path = f"{API}/imports/services?name=a.csv&dry_run=false"
    assert http.post(path, content=CSV.encode()).status_code == 428
    head = {"if-match": str(told["revision"])}
    done = http.post(path, content=CSV.encode(), headers=head).json()
    assert (entry(http, "s0")["name"], done["changed"]) == ("老年食堂", 1)
    late = http.post(path, content=CSV.replace("50", "51").encode(), headers=head)
    assert late.status_code == 409
    rejected = http.post(f"{API}/imports/services?rejected=csv&name=a.csv", content=CSV.encode())
    lines = rejected.content.decode("utf-8-sig").splitlines()
    assert len(lines) == 4
    assert "打我" in lines[1]
    assert turn(http, done["edit"], "undo").status_code == 200
    assert entry(http, "s0")["name"] == "长者食堂"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "empty"),
        (b"a,b\n1,2\n", "headers"),
        (b"PK\x03\x04 no zip", "damaged"),
        ("编号\ns0\n".encode(), "no column to change"),
        (b'{"type": "FeatureCollection", "features": []}', "without a feature"),
    ],
)
def test_a_file_that_is_none_is_refused(http, body, said):
    refused = http.post(f"{API}/imports/services?name=b", content=body)
    assert refused.status_code == 422, refused.text
    assert said in refused.json()["error"]


def test_small_counts_of_people_are_not_told(http, served):
    body = "编号,户数,居民\nmid,14,3\n".encode()
    told = http.post(f"{API}/imports/homes?name=h.csv", content=body).json()
    head = {"if-match": str(told["revision"])}
    done = http.post(f"{API}/imports/homes?name=h.csv&dry_run=false", content=body, headers=head)
    assert done.status_code == 200, done.text
    assert item(http, "homes", "mid")["values"]["residents"] == "<5"
    history = http.get(f"{API}/history?topic=homes").json()["items"][0]["changes"]
    assert {(one["field"], one["new"]) for one in history} >= {("residents", "<5")}
    buildings = served.world.community["buildings"]
    assert int(buildings[buildings["id"] == "mid"]["residents"].iloc[0]) == 3
    turn(http, done.json()["edit"], "undo")


def test_what_was_edited_holds_after_a_restart(http, served):
    from dashboard.editing.desk import SettingsDesk
    from geodata.community import Community

    number = put(http, "services", "s1", values={"name": "夜间小店"}).json()["edit"]
    world = served.world
    frames = dict(world.community.frames)
    try:
        world.community.frames["services"] = world.edits.topics["services"].frame
        assert isinstance(world.community, Community)
        SettingsDesk(world).start()
        names = list(world.community["services"]["name"])
        assert names[1] == "夜间小店"
    finally:
        world.community.frames.update(frames)
    turn(http, number, "undo")
    assert isinstance(world.hours, Clock)
