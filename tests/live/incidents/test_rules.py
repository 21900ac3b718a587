import os

import pytest

from live.incidents.errors import RulesError
from live.incidents.rules import WHEN
from live.incidents.rules_file import DEFAULT_FILE, RulesFile, load_rules, read_rules

TEXT = DEFAULT_FILE.read_text(encoding="utf-8")


def test_the_rules_that_come_along_use_every_way_to_detect():
    rules = load_rules()
    assert {rule.when for rule in rules.rules} == set(WHEN)
    assert {rule.kind for rule in rules.rules} == set(rules.kinds)
    # 12345: 2 h, 24 h, 7 d, 15 d
    hours = [rules.severity[level].resolve_s / 3600 for level in (1, 2, 3, 4)]
    assert hours == [2, 24, 7 * 24, 15 * 24]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("above = 95", "abov = 95", "rule 10 (bin_full): unknown key 'abov'; do you mean 'above'?"),
        ("above = 95", 'above = "95"', "rule 10 (bin_full): above: a number is wanted, got '95'"),
        ("above = 95\n", "", "rule 10 (bin_full): give either above or below"),
        ("clear = 70", "clear = 99", "rule 10 (bin_full): clear 99 is on the wrong side"),
        ('when = "feed"', 'when = "fed"', "rule 19 (feed_dead): when: there is no 'fed'; do you"),
        ('kind = "smoke"', 'kind = "smok"', "rule 2 (smoke): kind: there is no 'smok'; do you me"),
        ('types = ["sos"]\n', "", "rule 1 (sos_pressed): types is missing; when = 'alarm' needs"),
        ('types = ["sos"]', "types = []", "rule 1 (sos_pressed): types: at least 1 is wanted"),
        ("severity = 1\n", "severity = 5\n", "rule 1 (sos_pressed): severity is 5; use 1, 2, 3"),
        ('id = "smoke"', 'id = "sos_pressed"', "rule 2 (sos_pressed): id 'sos_pressed' stands tw"),
        (
            'states = ["forced"]',
            'states = ["force"]',
            "rule 3 (forced): states: there is no state 'f",
        ),
        ('devices = ["water_meter"]', 'devices = ["water"]', "rule 16 (leak): devices: there is"),
        ("for_s = 86400\ngap_s", "for_s = -1\ngap_s", "rule 16 (leak): for_s: 0 or more is want"),
        ("respond_s = 120\n", "", "[severity.1]: respond_s is missing"),
        ('family = "help"', 'famly = "help"', "[kind.sos]: unknown key 'famly'; do you mean 'fa"),
        ("bad_weather = 172800", "bad_weather = true", "[pausing.reasons]: bad_weather: a number"),
        ("version = 1", "version = 9", "version is 9, this program reads 1"),
        ("version = 1", "version = ", "is not TOML"),
        ("count = 10\n", "", "[flood]: count is missing"),
        ("[ending]", "[endding]", "ending is missing"),
    ],
)
def test_an_error_names_the_rule_the_key_and_what_is_wanted(old, new, said):
    assert old in TEXT
    with pytest.raises(RulesError) as error:
        read_rules(TEXT.replace(old, new, 1), "mine.toml")
    assert str(error.value).startswith("mine.toml")
    assert said in str(error.value)


def test_a_changed_file_is_taken_up_and_one_with_an_error_changes_nothing(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(TEXT, encoding="utf-8")
    file = RulesFile(path)
    assert not file.reread()

    def write(text, at):
        path.write_text(text, encoding="utf-8")
        os.utime(path, ns=(at, at))

    write(TEXT.replace("above = 95", "above = 80"), 10**18)
    assert file.reread()
    assert next(r for r in file.rules.rules if r.id == "bin_full").above == 80
    write(TEXT.replace("above = 95", "above = x"), 2 * 10**18)
    assert not file.reread()
    assert "not TOML" in file.error
    assert next(r for r in file.rules.rules if r.id == "bin_full").above == 80
    path.unlink()
    assert not file.reread()
    assert "cannot be read" in file.error
    write(TEXT, 3 * 10**18)
    assert file.reread()
    assert file.error is None


def test_a_rule_can_be_switched_off():
    text = TEXT.replace('id = "smoke"', 'id = "smoke"\noff = true', 1)
    rules = read_rules(text)
    assert "smoke" in rules.off
    assert "smoke" not in {rule.id for rule in rules.rules}
