"""`audit verify`, as somebody types it."""

import pytest
from sqlalchemy import text

import app
from dashboard.compose import open_rules
from dashboard.settings import Settings
from geodata.community import write_community
from live.events import utc_now
from live.incidents.errors import RulesError
from live.incidents.rules_file import DEFAULT_FILE
from live.store import open_store
from tests.live.incidents.test_engine import Hands, open_engine, press
from tests.live.incidents.town import TOWN, tell
from tests.live.small_world import NOON


def verify(url, capsys, *more):
    code = app.main(["audit", "verify", "--database", url, *more])
    return code, capsys.readouterr().out.splitlines()


def test_a_sound_record_exits_0_and_a_changed_one_1(tmp_path, capsys):
    url = f"sqlite:///{tmp_path}/twin.db"
    store, hands = open_store(url), Hands()
    assert verify(url, capsys) == (0, ["0 rows, 0 problems", "0:" + "0" * 64])
    engine = open_engine(store, hands)
    one = press(store, engine, hands)
    engine.act(one.id, "acknowledge", "chen", 1, {})
    code, said = verify(url, capsys)
    assert (code, said[0]) == (0, "2 rows, 0 problems")
    head = said[-1]
    engine.act(one.id, "start", "chen", 2, {})
    # a head that was noted earlier still stands when more was written
    assert verify(url, capsys, "--head", head)[0] == 0
    with store.writing() as conn:
        conn.execute(text("UPDATE audit SET who = 'wang' WHERE seq = 2"))
    code, said = verify(url, capsys, "--head", head)
    assert code == 1
    assert f"row 2 (incidents {one.id}): was changed" in said
    store.close()


def test_own_rules_are_used_and_a_file_with_an_error_stops_the_start(tmp_path):
    path = tmp_path / "mine.toml"
    rules = DEFAULT_FILE.read_text(encoding="utf-8")
    path.write_text(rules.replace("above = 95", "above = 80"), encoding="utf-8")
    settings = Settings.from_env({"TWIN_INCIDENT_RULES": str(path)})
    found = open_rules(settings, None).rules
    assert next(rule for rule in found.rules if rule.id == "bin_full").above == 80
    path.write_text(rules.replace("above = 95", "above = 60, 70"), encoding="utf-8")
    with pytest.raises(RulesError, match=r"mine\.toml is not TOML"):
        open_rules(settings, None)


def test_rules_are_tried_on_history_and_nothing_is_raised(tmp_path, capsys):
    community = tmp_path / "town.gpkg"
    write_community(TOWN.frames, TOWN.meta, community)
    url = f"sqlite:///{tmp_path}/twin.db"
    store = open_store(url)
    now = (utc_now() - NOON).total_seconds()
    store.append(
        [
            tell("alarm", "s1", now - 7000, type="sos"),
            tell("alarm", "s2", now - 6000, live=False, type="sos"),
            tell("reading", "b1", now - 5000, values={"level": 85.0}, unit={"level": "%"}),
            tell("reading", "b1", now - 1000, values={"level": 85.0}, unit={"level": "%"}),
        ]
    )
    mine = tmp_path / "mine.toml"
    mine.write_text(
        DEFAULT_FILE.read_text(encoding="utf-8").replace("above = 95", "above = 80"), "utf-8"
    )
    asked = ["incidents", "try", "--database", url, "--community", str(community), "--hours", "3"]
    assert app.main(asked) == 0
    assert capsys.readouterr().out.splitlines()[:-1] == ["     2  severity 1  sos"]
    assert app.main([*asked, "--rules", str(mine)]) == 0
    said = capsys.readouterr().out
    assert "     1  severity 4  bin_full" in said
    assert "4 events of 1.7 h: 3 incidents" in said
    assert verify(url, capsys)[1][0] == "0 rows, 0 problems"
    store.close()
