"""The phone's page: plain HTML of a few kilobytes, as a phone in a hall has a slow line."""

from __future__ import annotations

from html import escape

from dashboard.words import HTML_LANG, Words, load_words

LAYERS = ("all", "doors", "vehicles", "devices", "services")
THEMES = ("auto", "day", "dark")
SWITCHES = ("visitors", "blank", "mute")
MOVES = (("in", "plus"), ("out", "minus"), ("left", "turn_left"), ("right", "turn_right"), ("home", "home"))  # noqa: E501  # fmt: skip


def write_remote_page(language: str) -> str:
    """Return the page in a language; `assets/twin/wall-remote.mjs` brings it to life."""
    words = load_words(language)
    other = "en" if words.language == "zh" else "zh"
    return f"""<!DOCTYPE html>
<html lang="{HTML_LANG[words.language]}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(words("remote.title"))}</title>
<link rel="stylesheet" href="/assets/twin.css">
<link rel="stylesheet" href="/assets/wall.css">
<link rel="icon" href="data:,">
<script type="module" src="/assets/twin/wall-remote.mjs"></script>
</head>
<body data-page="remote">
<main class="remote" data-lang="{words.language}" data-state="opening">
<header class="remote-head">
<h1>{escape(words("remote.title"))}</h1>
<a class="chip" data-icon="language" href="?lang={other}" lang="{HTML_LANG[other]}">{escape(words("language.other"))}</a>
<p class="remote-status" role="status" data-remote="status">{escape(words("remote.opening"))}</p>
</header>
<form class="remote-pair" data-remote="pair">
<label for="remote-code">{escape(words("remote.code"))}</label>
<input id="remote-code" name="code" autocomplete="off" autocapitalize="characters" spellcheck="false" maxlength="8" required>
<button type="submit" class="remote-key primary">{escape(words("remote.pair"))}</button>
<p class="note">{escape(words("remote.pair.note"))}</p>
</form>
<div class="remote-keys" data-remote="keys" hidden>
<section aria-label="{escape(words("tour.title"))}">
<h2>{escape(words("tour.title"))}</h2>
<div class="remote-row three">
{_key(words, "prev", "prev")}
<button type="button" class="remote-key primary" data-do="play" data-play="{escape(words("remote.play"))}" data-pause="{escape(words("remote.pause"))}"><span>{escape(words("remote.play"))}</span></button>
{_key(words, "next", "next")}
</div>
<ul class="remote-scenes" data-remote="scenes"></ul>
</section>
<section aria-label="{escape(words("remote.camera"))}">
<h2>{escape(words("remote.camera"))}</h2>
<div class="remote-row five">{"".join(_key(words, name, glyph) for name, glyph in MOVES)}</div>
</section>
<section aria-label="{escape(words("layers.title"))}">
<h2>{escape(words("layers.title"))}</h2>
<div class="remote-row wrap">{"".join(_choice("layers", name, words(f"layers.preset.{name}")) for name in LAYERS)}</div>
</section>
<section aria-label="{escape(words("remote.light"))}">
<h2>{escape(words("remote.light"))}</h2>
<div class="remote-row three">{"".join(_choice("theme", name, words(f"remote.theme.{name}")) for name in THEMES)}</div>
</section>
<section aria-label="{escape(words("remote.screen"))}">
<h2>{escape(words("remote.screen"))}</h2>
<div class="remote-row three">{"".join(_choice("", name, words(f"remote.{name}")) for name in SWITCHES)}</div>
<p class="note">{escape(words("remote.visitors.note"))}</p>
</section>
</div>
</main>
</body>
</html>
"""  # noqa: E501


def _key(words: Words, name: str, glyph: str) -> str:
    text = escape(words(f"remote.{name}"))
    return (
        f'<button type="button" class="remote-key" data-do="{name}" data-icon="{glyph}">'
        f"<span>{text}</span></button>"
    )


def _choice(setting: str, name: str, text: str) -> str:
    place = f'data-set="{setting}" data-value="{name}"' if setting else f'data-switch="{name}"'
    return (
        f'<button type="button" class="remote-key" aria-pressed="false" {place}>'
        f"<span>{escape(text)}</span></button>"
    )
