"""A message of quarantine as people read and mend it: laid out, and masked where it must be."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from lxml import etree

from dashboard.doors.masking import mask_body

LONGEST = 200_000
"""Characters that are shown; a longer message can be replayed or discarded, not mended here."""
_DECLARED = re.compile(r"<!(DOCTYPE|ENTITY)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Readable:
    """A body for people.

    Attributes:
        text: What to show.
        form: json, xml, text or binary.
        masked: Whether something in it is masked.
        cut: Whether it goes on.
    """

    text: str
    form: str
    masked: bool = False
    cut: bool = False

    @property
    def can_be_mended(self) -> bool:
        """Whether what is shown is the whole message, so that a mended one loses nothing."""
        return not (self.masked or self.cut or self.form == "binary")


def to_readable(body: bytes, *, in_clear: bool) -> Readable:
    """Return a message for people.

    Args:
        body: As it was kept.
        in_clear: Whether to show plates; they are masked otherwise.
    """
    try:
        plain, form = body.decode(), "text"
    except UnicodeDecodeError:
        plain, form = body.decode(errors="replace"), "binary"
    shown = plain
    if not in_clear:
        shown = mask_body(body)
        if _same_json(shown, plain):
            shown = plain
    masked = shown != plain
    if form == "text":
        for name, lay_out in (("json", lay_out_json), ("xml", lay_out_xml)):
            laid_out = lay_out(shown)
            if laid_out is not None:
                shown, form = laid_out, name
                break
    return Readable(shown[:LONGEST], form, masked, len(shown) > LONGEST)


def lay_out_json(text: str) -> str | None:
    """Return JSON with a field a line, None where it is no object and no list."""
    try:
        document = json.loads(text)
        if not isinstance(document, dict | list):
            return None
        return json.dumps(document, ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return None


def lay_out_xml(text: str) -> str | None:
    """Return XML with an element a line, None where it is none or declares entities."""
    if not text.lstrip("\ufeff \t\r\n").startswith("<") or _DECLARED.search(text):
        return None
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_blank_text=True
    )
    # a declared encoding is that of bytes which are decoded by now
    plain = re.sub(r"^\s*<\?xml[^>]*\?>", "", text.lstrip("\ufeff"))
    try:
        root = etree.fromstring(plain.encode(), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    return str(etree.tostring(root, pretty_print=True, encoding="unicode")).rstrip("\n")


def _same_json(one: str, other: str) -> bool:
    try:
        return bool(json.loads(one) == json.loads(other))
    except (ValueError, RecursionError):
        return False
