"""What can be set, asked, seen and sent is named in the documents."""

from __future__ import annotations

import argparse
import re
from dataclasses import fields
from pathlib import Path

import pytest

import app
from dashboard.doors.options import DoorOptions
from dashboard.settings import PREFIX, Settings
from geodata.schema import LAYERS
from layers.catalogue import LAYER_NAMES
from live.events import KINDS

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = [*Settings.defaults(), *(field.name for field in fields(DoorOptions)), "log_format"]
DOCS = "\n".join(
    path.read_text(encoding="utf-8") for path in [ROOT / "README.md", *ROOT.glob("docs/*.md")]
)


def _commands(monkeypatch):
    """Return {command: its options} as the program itself has them."""
    found = {}
    parse = argparse.ArgumentParser.parse_args

    def spy(parser, *args, **kwargs):
        for action in parser._actions:
            if isinstance(action, argparse._SubParsersAction):
                found.update(action.choices)
        return parse(parser, *args, **kwargs)

    monkeypatch.setattr(argparse.ArgumentParser, "parse_args", spy)
    assert app.main([]) == 0
    return found


def test_program_without_a_command_shows_help(capsys):
    assert app.main([]) == 0
    assert "demo" in capsys.readouterr().out


def test_every_command_and_option_is_named(monkeypatch, capsys):
    commands = _commands(monkeypatch)
    assert {"demo", "serve", "import", "check"} <= set(commands)
    for name, parser in commands.items():
        assert re.search(rf"app\.py {name}\b|`{name}`", DOCS), f"command {name}"
        for action in parser._actions:
            for option in action.option_strings:
                if option.startswith("--") and option != "--help":
                    assert option in DOCS, f"{name} {option}"


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_is_named(name):
    assert f"`{PREFIX}{name.upper()}`" in DOCS


@pytest.mark.parametrize("name", sorted({*LAYER_NAMES, *LAYERS}))
def test_every_layer_is_named(name):
    assert re.search(rf"\b{name}\b", DOCS)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_event_is_named(kind):
    assert f"`{kind}`" in DOCS


def test_no_document_names_a_setting_that_is_not_there():
    known = {PREFIX + name.upper() for name in SETTINGS} | {"TWIN_CHROMIUM"}
    named = set(re.findall(r"TWIN_[A-Z_]+[A-Z]", DOCS))
    assert named <= known, named - known


def test_links_between_documents_lead_somewhere():
    for path in [ROOT / "README.md", *ROOT.glob("docs/**/*.md")]:
        for target in re.findall(r"\]\(([^)#\s]+)", path.read_text(encoding="utf-8")):
            if "://" not in target:
                assert (path.parent / target).exists(), f"{path.name}: {target}"
