"""Signatures as of Standard Webhooks (standardwebhooks.com), for which every language has a reader.

`webhook-signature: v1,BASE64(HMAC-SHA256(secret, "ID.TIMESTAMP.BODY"))`
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets

from geodata.errors import TwinError

PREFIX = "whsec_"
FEWEST_BYTES, MOST_BYTES = 24, 64
TOLERANCE_S = 300
"""A message older or newer than this is refused by those who check."""


class SignatureError(TwinError):
    """A message is not what it claims to be, or a secret is none; says why."""


def make_secret() -> str:
    """Return a new secret."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def read_secret(secret: str) -> bytes:
    """Return the key that a secret holds.

    Raises:
        SignatureError: It is none.
    """
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError) as error:
        raise SignatureError("secret: whsec_ and BASE64 is wanted") from error
    if not secret.startswith(PREFIX) or not FEWEST_BYTES <= len(key) <= MOST_BYTES:
        raise SignatureError(
            f"secret: whsec_ and BASE64 of {FEWEST_BYTES} to {MOST_BYTES} bytes is wanted"
        )
    return key


def sign(secret: str, delivery: str, timestamp: int, body: bytes) -> str:
    """Return the signature of a message."""
    signed = f"{delivery}.{timestamp}.".encode() + body
    made = hmac.new(read_secret(secret), signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(made).decode()}"


def verify(
    secret: str, delivery: str, timestamp: str, signature: str, body: bytes, now: float
) -> None:
    """Check a message as a receiver does.

    Args:
        secret: The subscription's.
        delivery: Header `webhook-id`.
        timestamp: Header `webhook-timestamp`.
        signature: Header `webhook-signature`: one or several, separated by spaces.
        body: The body as it came.
        now: Epoch seconds.

    Raises:
        SignatureError: It is old, or not from us.
    """
    if not timestamp.isdecimal() or abs(now - int(timestamp)) > TOLERANCE_S:
        raise SignatureError("the timestamp is too old or too new")
    expected = sign(secret, delivery, int(timestamp), body)
    if not any(hmac.compare_digest(expected, given) for given in signature.split(" ")):
        raise SignatureError("the signature does not fit")
