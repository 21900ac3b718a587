import json
import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest

import dashboard
from dashboard.words import LANGUAGES, load_words
from geodata.schema import ACCESS_METHODS, DEVICE_KINDS, SERVICE_KINDS
from live.incidents.rules_file import DEFAULT_FILE
from live.subjects import CAMERA_STATES, DEVICE_STATES, DOOR_STATES, SERVICE_STATES

FOLDER = Path(dashboard.__file__).parent
ASSETS = FOLDER.parent / "assets"
CHINESE = re.compile(r"[\u3400-\u9fff]")
BOTH = {language: load_words(language).entries for language in LANGUAGES}


def _places(text):
    return sorted(re.findall(r"\{(\w+)\}", text))


def test_both_languages_have_the_same_keys_and_places():
    assert set(BOTH["zh"]) == set(BOTH["en"])
    for key in BOTH["zh"]:
        assert _places(BOTH["zh"][key]) == _places(BOTH["en"][key]), key


def test_no_key_stands_twice():
    files = {}
    for language in LANGUAGES:
        keys = Counter()
        for path in (FOLDER / "words" / language).glob("*.json"):
            text = path.read_text(encoding="utf-8")
            keys.update(json.loads(text, object_pairs_hook=lambda pairs: [k for k, _ in pairs]))
            files.setdefault(path.name, set()).add(language)
        assert [key for key, n in keys.items() if n > 1] == []
    assert [name for name, languages in files.items() if len(languages) < len(LANGUAGES)] == []


def test_nothing_is_empty_and_each_is_in_its_own_language():
    assert [key for key, text in BOTH["zh"].items() if not text.strip()] == []
    empty = {key for key, text in BOTH["en"].items() if not text.strip()}
    # measure words, which English does without
    assert {BOTH["zh"][key] for key in empty} <= {"个", "处", "人", "辆", "扇", "台", "件", "根"}
    stray = {k for k, t in BOTH["en"].items() if CHINESE.search(t)} - {"language.other"}
    assert stray == set()


@pytest.mark.parametrize(
    ("prefix", "names"),
    [
        ("kind", DEVICE_KINDS), ("kind", SERVICE_KINDS), ("method", ACCESS_METHODS),
        ("state", DOOR_STATES), ("state", DEVICE_STATES), ("state", CAMERA_STATES),
        ("service", SERVICE_STATES),
    ],
)  # fmt: skip
def test_everything_that_data_may_say_has_words(prefix, names):
    assert [n for n in names if f"{prefix}.{n}" not in BOTH["zh"]] == []


def test_every_key_that_the_code_asks_for_is_there():
    missing = set()
    sources = [*FOLDER.rglob("*.py"), *FOLDER.parent.glob("callbacks/*.py"), *ASSETS.rglob("*.mjs")]
    for path in sources:
        text = path.read_text(encoding="utf-8")
        for key in re.findall(
            r"\b(?:words(?:\.t|\.has)?|this\.t)\(\s*[\"']([a-z0-9_.]+)[\"']", text
        ):
            # the story names its words without their prefix
            whole = f"story.{key}" if path.name == "story-view.mjs" else key
            if whole not in BOTH["zh"]:
                missing.add((path.name, key))
    assert missing == set()


def test_unknown_language_gives_chinese_and_unknown_key_is_an_error():
    assert load_words("xx").language == "zh"
    with pytest.raises(KeyError):
        load_words("zh")("no.such.key")


def test_alarms_that_the_rules_wait_for_have_words():
    rules = tomllib.loads(DEFAULT_FILE.read_text(encoding="utf-8"))
    types = {name for rule in _tables(rules) for name in rule.get("types", ())}
    assert {"sos", "smoke", "bin_full"} <= types
    for entries in BOTH.values():
        assert [name for name in sorted(types) if f"alarm.{name}" not in entries] == []


def _tables(told):
    """Yield all tables of a TOML file, however deep."""
    if isinstance(told, dict):
        yield told
        for inner in told.values():
            yield from _tables(inner)
    elif isinstance(told, list):
        for inner in told:
            yield from _tables(inner)
