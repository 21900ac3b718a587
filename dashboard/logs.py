"""Logs as text or JSON, without plates, tokens or the values that a failed statement held."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from datetime import UTC, datetime

import orjson

from dashboard.doors.masking import mask_text
from dashboard.settings import PREFIX, SettingsError

FORMATS = ("text", "json")
_PARAMETERS = re.compile(r"\[parameters: .*?(?=\n\(Background on|\n\n|\Z)", re.DOTALL)
_SECRETS = (
    re.compile(r"(?i)((?:token|password|secret)=)[^&\s\"']+"),
    re.compile(r"(?i)(authorization[\"']?\s*[:=]\s*[\"']?(?:bearer|basic|digest)?\s*)[^\s\"',}]+"),
    re.compile(r"(://[^/\s:@]+:)[^@\s/]+(?=@)"),
)
_TOKEN = re.compile(r"(?<![A-Za-z0-9_\-])[A-Za-z0-9_\-]{43}(?![A-Za-z0-9_\-])")


def scrub_line(text: str) -> str:
    """Return a line of the log without plates, tokens, passwords and statement values."""
    text = _PARAMETERS.sub("[parameters removed]", text)
    for pattern in _SECRETS:
        text = pattern.sub(r"\1[removed]", text)
    return mask_text(_TOKEN.sub("[removed]", text))


class TextFormatter(logging.Formatter):
    """One line a record, for people."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as text."""
        return scrub_line(super().format(record))


class JsonFormatter(logging.Formatter):
    """One JSON object a record, for machines."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as JSON."""
        told = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": scrub_line(record.getMessage()),
        }
        if record.exc_info:
            told["error"] = scrub_line(self.formatException(record.exc_info))
        return orjson.dumps(told).decode()


def read_format(environ: Mapping[str, str]) -> str:
    """Return the form of the log that an environment asks for.

    Raises:
        SettingsError: There is no such form.
    """
    name = f"{PREFIX}LOG_FORMAT"
    wanted = environ.get(name) or "text"
    if wanted not in FORMATS:
        raise SettingsError(f"{name} is {wanted!r}; use {' or '.join(FORMATS)}.")
    return wanted


def set_up_logs(level: str, form: str = "text") -> None:
    """Send every log, the server's own too, to standard error in one form."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter() if form == "json" else TextFormatter())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.getLogger("pyogrio").setLevel(logging.WARNING)
    # each request of a client, with its whole address
    logging.getLogger("httpx").setLevel(logging.WARNING)
    # addresses hold tokens and plates: no request is logged one by one
    logging.getLogger("uvicorn.access").disabled = True
