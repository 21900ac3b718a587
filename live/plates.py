"""Chinese number plates after GA 36-2018: normal form, class, masking, and near matches.

What the standard says and this module relies on: a plate is a province, a letter and five letters
or digits; I and O are never used. New-energy plates have eight characters: small cars carry A-K at
the first of the six, large ones at the last. Special plates end in a word (警 学 挂 港 澳 领 使
应急). The text alone cannot tell blue from yellow: pass the colour where a camera names one.
"""

from __future__ import annotations

import re
import unicodedata
from fnmatch import fnmatchcase

PROVINCES = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新"
CLASSES = (
    "blue",
    "yellow",
    "nev_small",
    "nev_large",
    "police",
    "trailer",
    "learner",
    "hk_macau",
    "embassy",
    "consulate",
    "emergency",
    "other",
    "unread",
)
WILDCARD = "?"

_UNREAD = frozenset(
    {
        *("UNLICENSED", "UNKNOWN", "NONE", "NULL", "NOPLATE", "NA", "UNDEFINED", "UNREAD"),
        *("无车牌", "无牌", "无牌车", "未识别", "未知", "无", "车牌", "未检测到"),
        *("0000000", "00000000"),
    }
)
_SERIAL = "A-HJ-NP-Z0-9"
_HEAD = f"[{PROVINCES}][A-HJ-NP-Z]"
_PATTERNS = (
    ("nev_small", re.compile(rf"{_HEAD}[A-HJK][{_SERIAL}][0-9]{{4}}")),
    ("nev_large", re.compile(rf"{_HEAD}[0-9]{{5}}[A-HJK]")),
    ("police", re.compile(rf"{_HEAD}[{_SERIAL}]{{4}}警")),
    ("trailer", re.compile(rf"{_HEAD}[{_SERIAL}]{{4}}挂")),
    ("learner", re.compile(rf"{_HEAD}[{_SERIAL}]{{4}}学")),
    ("hk_macau", re.compile(rf"粤Z[{_SERIAL}]{{4}}[港澳]")),
    ("consulate", re.compile(rf"{_HEAD}[{_SERIAL}]{{4}}领")),
    ("embassy", re.compile(r"使[0-9]{6}|[0-9]{6}使")),
    ("emergency", re.compile(rf"{_HEAD}[{_SERIAL}]{{3,5}}应急")),
    ("blue", re.compile(rf"{_HEAD}[{_SERIAL}]{{5}}")),
)
_YELLOW = frozenset({"yellow", "黄", "黄色", "yellowgreen", "黄绿"})
_FOLD = str.maketrans("DOQBILZS川", "00081125闽")


def normalise_plate(text: str | None) -> str | None:
    """Return a plate in its normal form, or None when the camera did not read one.

    Full-width forms become plain, letters become capitals, separators go; a character that the
    camera left out (`*` or `?`) stays as `?`. Words that vendors use for "not read" give None.
    """
    if not text:
        return None
    plain = unicodedata.normalize("NFKC", text).upper()
    kept = "".join(
        WILDCARD if char in "*?" else char for char in plain if char in "*?" or char.isalnum()
    )
    if kept in _UNREAD or 2 * kept.count(WILDCARD) >= len(kept):
        return None
    return kept


def classify_plate(plate: str | None, colour: str | None = None) -> str:
    """Return the class of a plate, one of `CLASSES`.

    Args:
        plate: As read; any form that `normalise_plate` takes.
        colour: The colour that the camera saw, in any vendor's word; tells yellow from blue.
    """
    normal = normalise_plate(plate)
    if normal is None:
        return "unread"
    for name, pattern in _PATTERNS:
        if pattern.fullmatch(normal):
            yellow = name == "blue" and colour is not None and colour.lower() in _YELLOW
            return "yellow" if yellow else name
    return "other"


def is_valid_plate(plate: str | None) -> bool:
    """Say whether a plate has one of the forms of GA 36-2018."""
    return classify_plate(plate) not in ("other", "unread")


def mask_plate(plate: str | None) -> str:
    """Return a plate for screens, two of its characters hidden: 闽A·12**5, 闽A D1**45.

    Always the same two positions, so that many views of one plate tell no more than one view. A
    text that is no plate and too long for one shows its first two characters only.
    """
    normal = normalise_plate(plate)
    if normal is None:
        return ""
    if classify_plate(normal) in ("other", "embassy"):
        if len(normal) > 8:
            return f"{normal[:2]}**"
        middle = max(0, (len(normal) - 2) // 2)
        return f"{normal[:middle]}**{normal[middle + 2 :]}"
    tail = normal[2:]
    gap = " " if classify_plate(normal).startswith("nev") else "·"
    return f"{normal[:2]}{gap}{tail[:2]}**{tail[4:]}"


def fold_plate(plate: str) -> str:
    """Return a plate with the characters that readers confuse made one: 0DOQ 8B 1IL 2Z 5S 闽川."""
    return (normalise_plate(plate) or "").translate(_FOLD)


def near_keys(plate: str) -> list[str]:
    """Return the folded plate with each position wildcarded once, for an index of near reads.

    Two plates of one length share a key when they differ, after `fold_plate`, in one position at
    most.
    """
    folded = fold_plate(plate)
    return [f"{folded[:i]}{WILDCARD}{folded[i + 1 :]}" for i in range(len(folded))]


def is_near(first: str, second: str) -> bool:
    """Say whether two reads may be one plate: one position apart at most, confusions aside."""
    one, two = fold_plate(first), fold_plate(second)
    return len(one) == len(two) > 0 and sum(a != b for a, b in zip(one, two, strict=True)) <= 1


def matches_plate(pattern: str, plate: str) -> bool:
    """Say whether a plate holds a search text; `?` is any one character, `*` any number."""
    plain = unicodedata.normalize("NFKC", pattern).upper()
    wanted = "".join(char for char in plain if char in "*?" or char.isalnum())
    return bool(wanted) and fnmatchcase(normalise_plate(plate) or "", f"*{wanted}*")
