"""Settings: one frozen object made from the environment, read once at start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from geodata.errors import TwinError

PREFIX = "TWIN_"
SHORTEST_KEY = 16


class SettingsError(TwinError):
    """A setting cannot be used as it is."""


@dataclass(frozen=True)
class Settings:
    """Everything that may differ between two installations."""

    var: Path = Path("var")
    """Folder for databases, the built sample and caches."""

    host: str = "127.0.0.1"
    """Address to listen on."""

    port: int = 8050
    """Port to listen on."""

    database: str = ""
    """Database URL; empty means a SQLite file in `var`."""

    seed: int = 1
    """Seed of the simulator."""

    language: str = "zh"
    """Language of a page that asks for none: zh or en."""

    log_level: str = "info"
    """Least level that is logged: debug, info, warning, error."""

    mqtt_url: str = ""
    """MQTT broker to subscribe to, mqtt://USER:PASSWORD@HOST:PORT (mqtts:// for TLS); or none."""

    mqtt_mapping: str = ""
    """Mapping files (TOML) and names of presets, separated by commas; empty: every preset."""

    pseudonym_key: str = ""
    """Secret that makes pseudonyms of people; empty: one made once and kept in `var`."""

    keep_days: str = ""
    """Days to keep by kind of data over the defaults, such as `plate=30, order=3650`."""

    quarantine_per_hour: int = 1000
    """Messages of one feed and reason kept whole in an hour; those beyond are only counted."""

    visitor_minutes: int = 180
    """How long a visitor's vehicle may stay inside before the ledger marks it, minutes."""

    incident_rules: str = ""
    """Rules of incidents (TOML); empty: those that come with the product."""

    webhook_networks: str = ""
    """Private networks that webhooks may go to, also by plain http, such as `10.1.0.0/16`."""

    webhook_attempts: int = 10
    """A webhook's delivery is given up after so many attempts."""

    webhook_timeout_s: int = 10
    """How long one attempt of a webhook may take, seconds."""

    visitors: str = "on"
    """Whether `serve` shows visitors a simulated world at `/demo`: on or off."""

    visitors_user: str = ""
    """Account that the visitors' process runs as, where root starts the server; empty: the same."""

    wall_playlist: str = ""
    """The wall's tour (TOML); empty: the one that comes with the product."""

    wall_dim: str = ""
    """Hours in which walls are dimmed and the light that is left, such as 22:30-06:00=40."""

    remote_url: str = ""
    """Where phones reach this server, for the code on the wall; empty: as the wall does."""

    session_idle_minutes: int = 60
    """A log-in that is not used for so long ends, minutes."""

    session_hours: int = 12
    """A log-in ends after so long anyway, hours."""

    public_url: str = ""
    """Address that people reach the product by, such as https://twin.example; empty: as asked."""

    oidc_issuer: str = ""
    """Issuer of OpenID Connect for single sign-on; empty: none."""

    oidc_client_id: str = ""
    """Our client id at the issuer."""

    oidc_client_secret: str = ""
    """Our secret at the issuer; empty for a public client, which PKCE protects."""

    oidc_name: str = ""
    """What the button of single sign-on calls the issuer."""

    oidc_scope: str = "openid profile email"
    """What is asked of the issuer, with spaces between."""

    oidc_claim: str = "groups"
    """Claim that holds somebody's groups, a list or a text."""

    oidc_roles: str = ""
    """Roles by group, such as `twin-admins=admin, grid-3=grid_worker:G3`; none for the others."""

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Settings:
        """Return settings from `TWIN_*` values.

        Raises:
            SettingsError: A value has the wrong form; says which and what is wanted.
        """
        values: dict[str, object] = {}
        for name, default in cls.defaults().items():
            text = environ.get(PREFIX + name.upper())
            if text is None or text == "":
                continue
            values[name] = cls._cast(name, text, type(default))
        language = values.get("language", "zh")
        if language not in ("zh", "en"):
            raise SettingsError(f"TWIN_LANGUAGE is {language!r}; use zh or en.")
        visitors = values.get("visitors", "on")
        if visitors not in ("on", "off"):
            raise SettingsError(f"TWIN_VISITORS is {visitors!r}; use on or off.")
        key = str(values.get("pseudonym_key", ""))
        if 0 < len(key) < SHORTEST_KEY:
            raise SettingsError(
                f"TWIN_PSEUDONYM_KEY is short; use {SHORTEST_KEY} characters or more."
            )
        return cls(**values)  # type: ignore[arg-type]

    @classmethod
    def defaults(cls) -> dict[str, object]:
        """Return every setting with its default."""
        return {name: getattr(cls, name) for name in cls.__dataclass_fields__}

    @staticmethod
    def _cast(name: str, text: str, kind: type) -> object:
        if kind is int:
            try:
                return int(text)
            except ValueError:
                raise SettingsError(
                    f"{PREFIX}{name.upper()} is {text!r}; a whole number is wanted."
                ) from None
        return Path(text) if issubclass(kind, Path) else text
