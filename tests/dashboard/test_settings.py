from pathlib import Path

import pytest

from dashboard.settings import PREFIX, Settings, SettingsError


def test_without_environment_the_defaults_hold():
    assert Settings.from_env({}) == Settings()


def test_values_are_read_as_what_they_are():
    settings = Settings.from_env(
        {"TWIN_VAR": "/srv/twin", "TWIN_PORT": "9000", "TWIN_SEED": "7", "TWIN_LANGUAGE": "en",
         "TWIN_DATABASE": "postgresql://x/y", "HOME": "/root", "TWIN_OTHER": "1"}
    )  # fmt: skip
    assert settings.var == Path("/srv/twin")
    assert (settings.port, settings.seed) == (9000, 7)
    assert settings.language == "en"
    assert settings.database == "postgresql://x/y"


def test_empty_value_is_no_value():
    empty = {PREFIX + name.upper(): "" for name in Settings.defaults()}
    assert Settings.from_env(empty) == Settings()


@pytest.mark.parametrize(
    ("name", "text"), [("TWIN_PORT", "web"), ("TWIN_SEED", "1.5"), ("TWIN_LANGUAGE", "fr")]
)
def test_wrong_value_is_refused_by_name(name, text):
    with pytest.raises(SettingsError, match=f"{name} is '{text}'"):
        Settings.from_env({name: text})


def test_a_guessable_secret_is_refused_and_not_shown():
    with pytest.raises(SettingsError, match="TWIN_PSEUDONYM_KEY") as raised:
        Settings.from_env({"TWIN_PSEUDONYM_KEY": "s3cret"})
    assert "s3cret" not in str(raised.value)


def test_settings_do_not_change():
    with pytest.raises(AttributeError):
        Settings().port = 1
