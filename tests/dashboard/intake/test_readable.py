"""A kept message as people read it: nothing of it lost, nothing in it shown that must not be."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from dashboard.intake.readable import LONGEST, lay_out_xml, to_readable

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)
NAMES = st.from_regex(r"[a-z]{1,6}", fullmatch=True)
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1).filter(
    str.strip
)


@st.composite
def trees(draw, depth=3):
    element = etree.Element(draw(NAMES), {draw(NAMES): draw(TEXTS)})
    if depth and draw(st.booleans()):
        element.extend(draw(st.lists(trees(depth=depth - 1), max_size=3)))
    else:
        element.text = draw(TEXTS)
    return element


@given(st.lists(JSON) | st.dictionaries(st.text(), JSON))
def test_json_laid_out_says_the_same(document):
    shown = to_readable(json.dumps(document).encode(), in_clear=True)
    assert shown.form == "json"
    assert shown.can_be_mended
    assert json.loads(shown.text) == document


@given(trees())
def test_xml_laid_out_says_the_same(tree):
    body = etree.tostring(tree, xml_declaration=True, encoding="UTF-8")
    shown = to_readable(body, in_clear=True)
    assert shown.form == "xml"
    again = etree.fromstring(shown.text, etree.XMLParser(remove_blank_text=True))
    assert etree.tostring(again, method="c14n") == etree.tostring(tree, method="c14n")


def test_xml_is_an_element_a_line():
    told = "<?xml version='1.0' encoding='GB2312'?><a><plate>闽A12345</plate><b/></a>"
    want = "<a>\n  <plate>闽A12345</plate>\n  <b/>\n</a>"
    assert to_readable(told.encode(), in_clear=True).text == want


@pytest.mark.parametrize(
    "body",
    [
        b"<!DOCTYPE a [<!ENTITY x 'xx'><!ENTITY y '&x;&x;'>]><a>&y;</a>",
        b"<a><b></a>", b"<a>&nbsp;</a>", b"nonsense", b"{", b"", b"[" * 5000,
        b'{"a": 1}\n{"a": 2}',
    ],
)  # fmt: skip
def test_what_cannot_be_laid_out_stays_as_it_came(body):
    shown = to_readable(body, in_clear=True)
    assert (shown.form, shown.text) == ("text", body.decode())
    assert lay_out_xml(shown.text) is None


def test_masked_messages_are_read_and_not_mended():
    for told in ('{"note": "车 闽A12345"}', '{"plateNo": "AB12345"}',
                 "<a><licensePlate>闽A12345</licensePlate></a>"):  # fmt: skip
        shown = to_readable(told.encode(), in_clear=False)
        assert shown.masked
        assert not shown.can_be_mended
        assert "12345" not in shown.text
        assert to_readable(told.encode(), in_clear=True).can_be_mended
    plain = to_readable(b'{"kind":   "acces", "n": 1.50}', in_clear=False)
    assert plain.can_be_mended  # there was nothing to mask
    assert plain.text == '{\n  "kind": "acces",\n  "n": 1.5\n}'


def test_long_and_binary_messages_are_not_mended():
    assert not to_readable(b"x" * (LONGEST + 1), in_clear=True).can_be_mended
    assert len(to_readable(b"x" * (LONGEST + 1), in_clear=True).text) == LONGEST
    shown = to_readable(b"\xff\xfe{}", in_clear=True)
    assert (shown.form, shown.can_be_mended) == ("binary", False)
