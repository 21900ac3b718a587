"""The order board in a browser: steps, somebody quicker, a new one, tables; shifts handed over."""

from __future__ import annotations

import pytest

from tests.browser.axe import check_access
from tests.browser.seeing import rest

pytestmark = pytest.mark.browser

FIRM = {"supplier": "物业工程部", "supplier_kind": "enterprise"}
TABLE = "类别,事项,承办,承办性质\n房屋维修,三号楼雨棚漏水,物业,企业\n奇怪,门,,\n安全隐患,,,\n"


@pytest.fixture(scope="module")
def orders(tiny):
    book = tiny.world.twin.orders
    book.create(
        "li",
        [
            {"kind": "repair", "title": "楼道灯不亮", "level": "utility", "grid": "g0"},
            {"kind": "parking", "title": "占用通道", "level": "general", **FIRM},
        ],
    )
    return book


@pytest.fixture(scope="module")
def board(open_shared_page, tiny, orders):
    page = open_shared_page(f"{tiny.url}/manage/orders?theme=dark", width=1440, height=900)
    page.page.wait_for_selector(".order-card")
    page.wait_for(lambda: page.run("() => Boolean(document.title)"))
    return page


def said(page):
    return page.page.inner_text(".order-said")


def open_card(page, title):
    page.page.locator(".order-card", has_text=title).first.click()
    page.page.locator(".order-panel h3", has_text=title).wait_for()


def test_steps_are_taken_and_somebody_quicker_is_told(board, orders):
    page = board.page
    open_card(board, "楼道灯不亮")
    number = page.get_attribute(".order-card.chosen", "data-order-open")
    # by keyboard: the panel's button has the focus, Escape leads back to the card
    board.wait_for(lambda: board.run("() => document.activeElement.dataset.orderClose === 'true'"))
    page.keyboard.press("Escape")
    page.locator(".order-panel > *").first.wait_for(state="detached")
    board.wait_for(lambda: board.run("() => document.activeElement.dataset.orderOpen") == number)
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-order-act=assign]")
    page.click("[data-order-act=assign]")
    assert "先填写承办" in said(board)
    page.fill(".order-form input", "物业工程部")
    page.select_option(".order-form select", "enterprise")
    page.click("[data-order-act=assign]")
    page.wait_for_selector("[data-order-act=start]")
    assert orders.get(number).supplier == "物业工程部"
    # another person starts it meanwhile
    orders.act(number, "start", "王五", 2, {})
    board.allowed = ("409",)
    page.click("[data-order-act=start]")
    board.wait_for(lambda: "王五" in said(board))
    page.wait_for_selector("[data-order-act=finish]")
    assert orders.get(number).version == 3
    page.click("[data-order-act=note]")
    assert "先填写说明" in said(board)
    page.click("[data-order-act=finish]")
    page.click("[data-order-act=rate][data-given-rating='5']")
    page.wait_for_selector("[data-order-act=rate][data-given-rating='5'][aria-pressed=true]")
    page.click("[data-order-act=close]")
    page.click("[data-order-act=praise]")
    page.locator(".order-case", has_text="楼道灯不亮").wait_for()
    assert orders.get(number).praised
    check_access(board, "panel", ".order-panel")
    page.click("[data-order-close]")


def test_filters_and_the_table(board):
    page = board.page
    page.select_option("[data-order-filter=kind]", "parking")
    page.locator(".order-card", has_text="楼道灯不亮").first.wait_for(state="detached")
    assert page.locator(".order-card", has_text="占用通道").count() == 1
    page.click("[data-order-view=table]")
    page.wait_for_selector(".order-table tbody tr")
    assert page.locator(".order-table tbody tr").count() == 1
    page.select_option("[data-order-filter=kind]", "")
    board.wait_for(lambda: page.locator(".order-table tbody tr").count() >= 2)
    page.click("[data-order-view=board]")
    page.wait_for_selector(".order-columns")


def test_a_new_one_by_form_and_many_by_table(board, orders):
    page = board.page
    page.click("[data-order-new]")
    page.wait_for_selector(".order-new")
    page.click("[data-order-make]")
    assert "先写明事项" in said(board)
    page.fill(".order-new input[name=title]", "健身器材松动")
    page.select_option(".order-new select[name=kind]", "facility")
    page.click("[data-order-make]")
    page.locator(".order-panel h3", has_text="健身器材松动").wait_for()
    page.click("[data-order-close]")
    before = len(orders.all())
    page.click(".orders-import summary")
    with page.expect_file_chooser() as waiting:
        page.click("[data-order-import=choose]")
    file = {"name": "台账.csv", "mimeType": "text/csv", "buffer": TABLE.encode()}
    waiting.value.set_files([file])
    page.wait_for_selector(".order-faults li")
    told = page.locator(".order-faults li").all_inner_texts()
    assert told[0].startswith("第 3 行：类别没有“奇怪”")
    assert told[1] == "第 4 行：事项没有填"
    assert len(orders.all()) == before
    page.click("[data-order-import=partial]")
    page.locator(".order-card", has_text="三号楼雨棚漏水").wait_for()
    assert len(orders.all()) == before + 1


def test_a_shift_is_handed_over_and_acknowledged(open_page, tiny):
    page = open_page(f"{tiny.url}/manage/brief?lang=en&theme=dark", width=1440, height=900)
    page.page.wait_for_selector(".brief-part")
    page.page.click("[data-shift-act=hand_over]")
    page.wait_for(lambda: "Write notes first" in said(page))
    page.page.fill("textarea", "East gate waits for repair")
    page.page.click("[data-shift-act=hand_over]")
    page.page.locator(".shift", has_text="East gate").wait_for()
    page.page.click("[data-brief-kind=week]")
    page.page.locator(".brief-title", has_text="Weekly brief").wait_for()
    assert "kind=week" in page.page.get_attribute("[data-brief-pdf]", "href")
    rest(page)
