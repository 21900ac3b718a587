"""Briefs by hand: the load, the span, the parts; the PDF read back; hand-overs over HTTP."""

from datetime import UTC, datetime
from io import BytesIO
from zoneinfo import ZoneInfo

import pypdf
import pytest

from dashboard.brief.load import count_load
from dashboard.brief.model import Brief, Figure, Part
from dashboard.brief.paper import print_brief
from dashboard.brief.reading import find_span
from dashboard.words import load_words
from tests.dashboard.doors.served import serving

ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 25, 4, tzinfo=UTC)  # Wednesday, noon in Fuzhou


def test_load_by_hand():
    day = 86_400.0
    calm = count_load([n * 3600.0 for n in range(24)], 1, 0, day)
    assert (calm.alarms, calm.a_day, calm.peak, calm.flood, calm.verdict) == (
        24, 24.0, 1, 0.0, "acceptable"
    )  # fmt: skip
    assert round(calm.in_window, 4) == round(24 / 144, 4)
    assert count_load([n * 432.0 for n in range(200)], 1, 0, day).verdict == "manageable"
    assert count_load([n * 432.0 for n in range(200)], 2, 0, day).verdict == "acceptable"
    burst = count_load([float(n) for n in range(22)], 1, 0, 3600)
    assert (burst.peak, round(burst.flood, 3), burst.verdict) == (22, 0.167, "too_many")
    assert count_load([], 0, 0, day).verdict == "acceptable"
    assert count_load([-1.0, day], 1, 0, day).alarms == 0


def test_spans_follow_the_calendar_and_the_last_hand_over():
    now = NOON.timestamp()
    noon = 12 * 3600
    day = find_span("day", NOON, ZONE, None)
    assert (day.since, day.until) == (now - noon, now)
    yesterday = find_span("day", NOON, ZONE, None, 1)
    assert (yesterday.since, yesterday.until) == (now - noon - 86_400, now - noon)
    week = find_span("week", NOON, ZONE, None)
    assert week.since == now - noon - 2 * 86_400
    last = find_span("week", NOON, ZONE, None, 1)
    assert last.until - last.since == 7 * 86_400
    assert find_span("shift", NOON, ZONE, None).since == now - 8 * 3600
    assert find_span("shift", NOON, ZONE, now - 100).since == now - 100
    assert find_span("shift", NOON, ZONE, now - 9e5).since == now - 86_400


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_pdf_says_all_of_it_over_as_many_pages_as_it_takes(lang):
    words = load_words(lang)
    rows = [[f"261125-{n:03d}", "设备静默 · <b>&", "军门第 1 网格"] for n in range(90)]
    parts = [
        Part("警情", "来源 A", [Figure("新增", "3", "件")], ["编号", "事项", "网格"], rows),
        Part("空", "来源 B", [], ["编号"], [], "没有"),
        Part("记录", "来源 C", text=["第一行\n第二行"]),
    ]
    brief = Brief("周报", "军门社区", "一周", "现在", parts, "模拟")
    pages = pypdf.PdfReader(BytesIO(print_brief(words, brief))).pages
    text = "".join(page.extract_text() for page in pages)
    assert len(pages) >= 3
    for said in ("周报", "来源 A", "来源 B", "没有", "第二行", "模拟", "<b>&", "261125-089"):
        assert said in text, said
    assert words("brief.page", n=2) in pages[1].extract_text()
    assert pages[1].extract_text().count("编号") == 1  # the head of the table again


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("served")) as server:
        yield server


def test_hand_overs_and_the_pdf_over_http(served):
    with served.client("admin") as admin:
        late = admin.post("/api/v1/orders", json={"kind": "repair", "title": "雨棚漏水"}).json()
        made = admin.post("/api/v1/shifts", json={"notes": "东门待修"})
        assert made.status_code == 201, made.text
        number = made.json()["id"]
        assert made.json()["figures"]["orders"] >= 1
        assert admin.post("/api/v1/shifts", json={"notes": ""}).json()["why"] == "notes"
        same = admin.post(f"/api/v1/shifts/{number}", json={})
        assert (same.status_code, same.json()["why"]) == (422, "same")
        assert admin.post("/api/v1/shifts/S1", json={}).status_code == 404
        assert [each["id"] for each in admin.get("/api/v1/shifts").json()["items"]] == [number]
        for lang, said in (("zh", "交接班"), ("en", "Shift hand-over")):
            paper = admin.get(f"/api/v1/brief.pdf?kind=shift&lang={lang}")
            assert paper.headers["content-type"] == "application/pdf"
            pages = pypdf.PdfReader(BytesIO(paper.content)).pages
            text = "".join(page.extract_text() for page in pages)
            assert said in text
            assert "东门待修" in text
            assert "ISA-18.2" in text
            assert late["title"] not in text  # it is not overdue
        assert admin.get("/api/v1/brief.pdf?kind=odd").status_code == 422
    with served.client(None) as anybody:
        assert anybody.get("/api/v1/brief.pdf").status_code == 401
        assert anybody.get("/api/v1/shifts").status_code == 401
        assert anybody.post("/api/v1/shifts", json={"notes": "x"}).status_code == 401
