"""Takes images, face features, links to them and names out of whatever is kept of a message."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

MAX_KEPT = 64 * 1024
"""Longest body that quarantine keeps, bytes."""

REMOVED = "[removed]"
_DEPTH = 40

MAX_TEXT = 4096
"""No field that anybody needs is longer, characters."""

_PRIVATE_KEY = re.compile(
    r"image|picture|photo(?!v)|snapshot|thumb|storage_?(?:path|url)|jpe?g|base64|fingerprint"
    r"|feature|template|embedding|face_?(?:data|lib|token|rect|pic|url)",
    re.IGNORECASE,
)
_PERSON_KEYS = frozenset({"Name", "UsedName", "Alias", "CardName", "IDNumber", "PassportNumber"})
_PIC_KEY = re.compile(r"^pic|_pic|Pic(?:[A-Z_0-9]|$)")
_LINK = r"(?:https?|ftp|rtsp)://[^\s\"'<>\\]{0,500}?\.(?:jpe?g|png|bmp|webp|gif)[^\s\"'<>\\]{0,300}"
_PICTURE = re.compile(rf"{_LINK}|\.(?:jpe?g|png|bmp|webp|gif)(?:[?@#]\S*)?$", re.IGNORECASE)
BLOB_LENGTH = 200
"""A run of so many characters of base64 is no field but a file."""
_RUN = "[A-Za-z0-9+/_-]"
# a run is looked at from its start only: the search stays linear
_BLOB = re.compile(rf"(?<!{_RUN})(?<![\r\n])(?:{_RUN}|[\r\n]){{{BLOB_LENGTH},}}={{0,2}}")

_LINK_BYTES = re.compile(_LINK.encode(), re.IGNORECASE)
_BLOB_BYTES = re.compile(
    rf"(?<!{_RUN})(?<![\r\n\\])(?:{_RUN}|[\r\n]|\\[a-z/]){{200,}}={{0,2}}".encode()
)
_JPEG_BYTES = re.compile(rb"\xff\xd8\xff.*?(?:\xff\xd9|\Z)", re.DOTALL)
_PNG_BYTES = re.compile(rb"\x89PNG\r\n.*?(?:IEND....|\Z)", re.DOTALL)


def is_private_key(key: str) -> bool:
    """Say whether a field's name tells of an image, a face feature, a link to one, or a person."""
    # the same few names come again and again; long ones are not kept, as anybody may send them
    return _is_known_private(key) if len(key) < 64 else _is_private(key)


def _is_private(key: str) -> bool:
    if key in _PERSON_KEYS:
        return True
    return _PRIVATE_KEY.search(key) is not None or _PIC_KEY.search(key) is not None


_is_known_private = lru_cache(maxsize=4096)(_is_private)


def is_picture(text: str) -> bool:
    """Say whether a text is an image in base64, or the place of one, or longer than any field."""
    if len(text) > MAX_TEXT or text.startswith("data:image"):
        return True
    # most fields are short and hold neither; a search costs more than a look at their length
    blob = len(text) >= BLOB_LENGTH and _BLOB.search(text)
    return bool(blob or ("." in text and _PICTURE.search(text)))


def scrub(value: Any, depth: int = _DEPTH) -> Any:
    """Return a JSON value without images, features and links to images."""
    if isinstance(value, str):
        return REMOVED if is_picture(value) else value
    if not isinstance(value, dict | list):
        return value
    if depth <= 0:
        return REMOVED
    if isinstance(value, list):
        return [scrub(item, depth - 1) for item in value]
    return {
        key: scrub(item, depth - 1) for key, item in value.items() if not is_private_key(str(key))
    }


def scrub_bytes(body: bytes) -> bytes:
    """Return raw bytes without pictures, runs of base64 and links to images; long ones are cut."""
    mark = REMOVED.encode()
    body = _JPEG_BYTES.sub(mark, body)
    body = _PNG_BYTES.sub(mark, body)
    body = _BLOB_BYTES.sub(mark, body)
    if len(body) > MAX_KEPT:
        body = body[:MAX_KEPT] + b"...[cut]"
    return _LINK_BYTES.sub(mark, body)
