"""Where the MQTT broker is, who we are to it, and what to ask of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from geodata.errors import TwinError
from live.feeds.mapping import Rule
from live.feeds.paths import topic_fits

VERSIONS = ("5", "3.1.1")
_PORTS = {"mqtt": 1883, "mqtts": 8883}
_OPTIONS = frozenset({"version", "client_id", "ca"})


@dataclass(frozen=True)
class Broker:
    """One broker, and how to speak to it.

    Attributes:
        host: Its name or address.
        port: Its port.
        user: Who we are, if it asks.
        password: Our word for it; never shown.
        tls: Whether the connection is encrypted and the broker's certificate checked.
        ca: File of the authorities to trust, PEM; those of the system without one.
        version: Of MQTT, one of `VERSIONS`.
        client_id: Name of our session at the broker; empty for one of the store's own.
    """

    host: str
    port: int
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: bool = False
    ca: Path | None = None
    version: str = "5"
    client_id: str = ""


def read_broker(url: str) -> Broker:
    """Return the broker of `mqtt://USER:PASSWORD@HOST:PORT`, or `mqtts://` for TLS.

    After `?` may stand `version` (5 or 3.1.1), `client_id` and `ca` (a PEM file).

    Raises:
        TwinError: It is no such address. The message never holds it, as it may hold a password.
    """
    wanted = "TWIN_MQTT_URL must be mqtt://USER:PASSWORD@HOST:PORT, or mqtts:// for TLS"
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError as error:
        raise TwinError(f"{wanted}; the port or the address is wrong.") from error
    if parts.scheme not in _PORTS or not parts.hostname:
        raise TwinError(f"{wanted}; '%'-quote special characters of the password.")
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    unknown = sorted(options.keys() - _OPTIONS)
    if unknown or parts.path.strip("/"):
        what = f"option {unknown[0]!r}" if unknown else f"path {parts.path!r}"
        raise TwinError(f"TWIN_MQTT_URL: unknown {what}; known: ?{'=&'.join(sorted(_OPTIONS))}=")
    version = options.get("version", VERSIONS[0])
    if version not in VERSIONS:
        raise TwinError(f"TWIN_MQTT_URL: version {version!r}; use {' or '.join(VERSIONS)}.")
    ca = Path(options["ca"]) if "ca" in options else None
    if ca is not None and not ca.is_file():
        raise TwinError(f"TWIN_MQTT_URL: there is no file {ca}; ca is a PEM file of authorities.")
    return Broker(
        parts.hostname,
        port or _PORTS[parts.scheme],
        unquote(parts.username) if parts.username else None,
        unquote(parts.password) if parts.password is not None else None,
        parts.scheme == "mqtts",
        ca,
        version,
        options.get("client_id", ""),
    )


def find_filters(rules: Sequence[Rule]) -> list[str]:
    """Return the topic filters to subscribe to: those of rules that make events, each once.

    A filter that another one covers is left out: a broker may deliver a message once for each.
    """
    wanted = dict.fromkeys(rule.topic for rule in rules if rule.kind is not None)
    kept = [one for one in wanted if not _is_covered(one, wanted)]
    return ["/".join(one) for one in kept]


def _is_covered(one: tuple[str, ...], by: Iterable[tuple[str, ...]]) -> bool:
    """Say whether another filter lets everything pass that this one does."""
    return any(
        other != one
        and topic_fits(list(other), list(one))
        and ("+", "#") not in zip(other, one, strict=False)
        for other in by
    )
