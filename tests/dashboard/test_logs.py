import io
import json
import logging

import pytest
from sqlalchemy import create_engine, text

from dashboard.logs import JsonFormatter, TextFormatter, read_format, scrub_line
from dashboard.settings import SettingsError

TOKEN = "KJRgHd9MkZWdYF-PE27SB3HIPDJHdyfLKf6mLGLjMCE"


@pytest.fixture(params=[JsonFormatter, TextFormatter])
def said(request):
    """Log something; return what was written."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(request.param())
    logger = logging.Logger("twin.test")
    logger.addHandler(handler)

    def run(write):
        write(logger)
        return stream.getvalue()

    return run


def test_one_object_a_line():
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    logger = logging.Logger("twin.test")
    logger.addHandler(handler)
    logger.warning("two\nlines of %s", "text")
    logger.error("failed", exc_info=ValueError("why"))
    first, second = map(json.loads, stream.getvalue().splitlines())
    assert first["message"] == "two\nlines of text"
    assert (first["level"], first["logger"]) == ("warning", "twin.test")
    assert first["at"].endswith("+00:00")
    assert "why" in second["error"]


def test_what_a_failed_statement_held_stays_out(said):
    engine = create_engine("sqlite://")
    # put together here, as a traceback shows the lines of the source
    values = {"a": " of ".join(("闽A12345", "张" + "三"))}

    def write(logger):
        try:
            with engine.begin() as conn:
                conn.execute(text("INSERT INTO nowhere VALUES (:a)"), values)
        except Exception as error:
            logger.error("%s; look at the disk", error)
            logger.exception("again")

    told = said(write)
    engine.dispose()
    assert "nowhere" in told
    assert "12345" not in told
    assert "张三" not in told


@pytest.mark.parametrize(
    "line",
    [
        f"GET /feeds/hikvision?token={TOKEN}&device=c0",
        f"authorization: Bearer {TOKEN}",
        f"{{'authorization': 'Basic {TOKEN}'}}",
        f"it was {TOKEN}.",
        f"postgresql://twin:{TOKEN}@db/twin",
        "postgresql://twin:short@db/twin password=short",
    ],
)
def test_no_secret_is_written(said, line):
    told = said(lambda logger: logger.warning("%s", line))
    assert TOKEN not in told
    assert "short" not in told


@pytest.mark.parametrize("plate", ["闽A12345", "闽A·12345", "闽AD12345", "粤Z1234港", "京A1234警"])
def test_no_plate_is_written(said, plate):
    assert "1234" not in said(lambda logger: logger.warning("saw %s at the gate", plate))


def test_the_rest_stays_readable():
    line = "军门社区: 1,234 events restored in 0.5 s from var/demo-1-0123456789abcdef.db"
    assert scrub_line(line) == line


def test_the_form_is_a_setting():
    assert read_format({}) == "text"
    assert read_format({"TWIN_LOG_FORMAT": "json"}) == "json"
    with pytest.raises(SettingsError, match="TWIN_LOG_FORMAT"):
        read_format({"TWIN_LOG_FORMAT": "xml"})
