from pathlib import Path

import pytest

from dashboard.doors import DoorOptions
from dashboard.settings import SettingsError


def test_the_environment_sets_them():
    options = DoorOptions.from_env(
        {
            "TWIN_MAX_BODY": "1000", "TWIN_FEED_RATE": "2.5", "TWIN_ALIASES": "/x/a.toml",
            "TWIN_FEED_TOKEN": "0123456789abcdef", "TWIN_MAX_RECORDS": "",
        }
    )  # fmt: skip
    assert (options.max_body, options.feed_rate) == (1000, 2.5)
    assert options.aliases == Path("/x/a.toml")
    assert options.feed_token == "0123456789abcdef"
    assert options.max_records == DoorOptions().max_records


@pytest.mark.parametrize(
    ("name", "value"),
    [("MAX_BODY", "8 MB"), ("MAX_BODY", "0"), ("FEED_RATE", "-1"), ("FEED_RATE", "inf"),
     ("NONCE_S", "nan"), ("FEED_TOKEN", "short")],
)  # fmt: skip
def test_a_wrong_value_stops_the_start(name, value):
    with pytest.raises(SettingsError, match=f"TWIN_{name}"):
        DoorOptions.from_env({f"TWIN_{name}": value})


def test_the_guide_names_each_setting():
    guide = (Path(__file__).resolve().parents[3] / "docs" / "feeds.md").read_text("utf-8")
    for name, default in vars(DoorOptions()).items():
        row = next(line for line in guide.splitlines() if f"| `TWIN_{name.upper()}` |" in line)
        if isinstance(default, int | float):
            assert f"| {default:g} |" in row or f"| {default} |" in row
