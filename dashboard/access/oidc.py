"""Single sign-on by OpenID Connect: the code flow with PKCE, state and nonce."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from authlib.common.security import generate_token
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from dashboard.settings import Settings, SettingsError
from live.accounts.account import ROLES

TIMEOUT_S = 10.0
METADATA_S = 3600.0
"""What the issuer tells of itself is asked anew after so long, seconds."""
LEEWAY_S = 60
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]
"""Never none, and never one whose key is our own secret."""


class SignOnError(Exception):
    """Single sign-on did not work; `code` says how much of it may be told."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Person:
    """Whom the issuer vouches for.

    Attributes:
        subject: Issuer and subject, which never change.
        name: What they would like to be called.
        shown: What people call them.
        roles: As their groups say.
        areas: Grids, likewise; None for all.
    """

    subject: str
    name: str
    shown: str
    roles: frozenset[str]
    areas: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Grant:
    """What a group of the issuer's gives: a role, and the grids it is for (none for all)."""

    role: str
    areas: frozenset[str]


def read_grants(text: str) -> dict[str, list[Grant]]:
    """Return what groups give, of `group=role, group=role:grid+grid`.

    Raises:
        SettingsError: It is written otherwise, or names no role of ours.
    """
    grants: dict[str, list[Grant]] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        group, mark, wanted = part.rpartition("=")
        role, _, grids = wanted.partition(":")
        if not mark or not group or role.strip() not in ROLES:
            raise SettingsError(
                f"TWIN_OIDC_ROLES has {part!r}; write group=role or group=role:grid+grid, with a "
                f"role of {', '.join(ROLES)}."
            )
        areas = frozenset(filter(None, (grid.strip() for grid in grids.split("+"))))
        grants.setdefault(group.strip(), []).append(Grant(role.strip(), areas))
    return grants


class SignOn:
    """One issuer.

    Args:
        settings: See `dashboard.settings`; `oidc_issuer` is not empty.
        transport: Another way to the issuer than the network.
    """

    def __init__(
        self, settings: Settings, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self.settings = settings
        self.issuer = settings.oidc_issuer.rstrip("/")
        self.grants = read_grants(settings.oidc_roles)
        self._transport = transport
        self._metadata: dict[str, Any] = {}
        self._read_at = float("-inf")

    async def begin(self, back: str) -> tuple[str, dict[str, str]]:
        """Return where to send a browser, and what it has to bring back.

        Args:
            back: Our address that the issuer sends it back to.

        Raises:
            SignOnError: The issuer does not answer.
        """
        metadata = await self._discover()
        kept = {"state": generate_token(32), "nonce": generate_token(32),
                "verifier": generate_token(64)}  # fmt: skip
        address = prepare_grant_uri(
            metadata["authorization_endpoint"],
            self.settings.oidc_client_id,
            "code",
            redirect_uri=back,
            scope=self.settings.oidc_scope,
            state=kept["state"],
            nonce=kept["nonce"],
            code_challenge=create_s256_code_challenge(kept["verifier"]),
            code_challenge_method="S256",
        )
        return str(address), kept

    async def finish(self, code: str, back: str, kept: Mapping[str, str]) -> Person:
        """Return who came back with a code.

        Args:
            code: What the issuer sent with the browser.
            back: As at `begin`.
            kept: What `begin` gave to be kept.

        Raises:
            SignOnError: The issuer does not vouch for them, or they have no role here.
        """
        metadata = await self._discover()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "client_id": self.settings.oidc_client_id,
            "code_verifier": kept["verifier"],
        }
        secret = self.settings.oidc_client_secret
        basic = httpx.BasicAuth(self.settings.oidc_client_id, secret) if secret else None
        answer = await self._ask("POST", metadata["token_endpoint"], data=form, auth=basic)
        keys = await self._ask("GET", metadata["jwks_uri"])
        claims = self._check(str(answer.get("id_token", "")), keys, kept["nonce"])
        if endpoint := metadata.get("userinfo_endpoint"):
            headers = {"authorization": f"Bearer {answer.get('access_token', '')}"}
            told = await self._ask("GET", endpoint, headers=headers)
            if told.get("sub") == claims["sub"]:  # OpenID Connect Core 5.3.2: else it is not used
                claims = {**told, **claims}
        return self._to_person(claims)

    def _check(self, id_token: str, keys: dict[str, Any], nonce: str) -> dict[str, Any]:
        try:
            token = jwt.decode(id_token, KeySet.import_key_set(keys), algorithms=ALGORITHMS)  # type: ignore[arg-type]
            options = {
                "iss": {"essential": True, "value": self._metadata["issuer"]},
                "aud": {"essential": True, "value": self.settings.oidc_client_id},
                "nonce": {"essential": True, "value": nonce},
                "sub": {"essential": True},
            }
            claims = CodeIDToken(
                token.claims,
                token.header,
                options,
                {"nonce": nonce, "client_id": self.settings.oidc_client_id},
            )
            claims.validate(leeway=LEEWAY_S)
        except (JoseError, ValueError, KeyError) as error:
            raise SignOnError("sign_on", f"the ID token does not hold: {error!r}") from error
        return dict(token.claims)

    def _to_person(self, claims: Mapping[str, Any]) -> Person:
        told = claims.get(self.settings.oidc_claim)
        groups = told.split() if isinstance(told, str) else told if isinstance(told, list) else []
        grants = [one for group in groups for one in self.grants.get(str(group), [])]
        if not grants:
            raise SignOnError("no_role", "none of their groups has a role here")
        every = any(not one.areas for one in grants)
        name = str(claims.get("preferred_username") or claims.get("email") or claims["sub"])
        return Person(
            subject=f"{self.issuer} {claims['sub']}",
            name=name,
            shown=str(claims.get("name") or name),
            roles=frozenset(one.role for one in grants),
            areas=None if every else frozenset().union(*(one.areas for one in grants)),
        )

    async def _discover(self) -> dict[str, Any]:
        if time.monotonic() - self._read_at > METADATA_S:
            found = await self._ask("GET", f"{self.issuer}/.well-known/openid-configuration")
            wanted = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")
            if not all(isinstance(found.get(name), str) for name in wanted):
                raise SignOnError("sign_on", f"{self.issuer} does not tell what is needed of it")
            if found["issuer"].rstrip("/") != self.issuer:
                raise SignOnError("sign_on", f"{self.issuer} says it is {found['issuer']}")
            self._metadata, self._read_at = found, time.monotonic()
        return self._metadata

    async def _ask(self, method: str, url: str, **more: Any) -> dict[str, Any]:
        try:
            async with httpx.AsyncClient(
                timeout=TIMEOUT_S, transport=self._transport, trust_env=False
            ) as client:
                response = await client.request(method, url, **more)
            response.raise_for_status()
            answer = response.json()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise SignOnError("sign_on", f"{url} does not answer as it should: {error}") from error
        if not isinstance(answer, dict):
            raise SignOnError("sign_on", f"{url} answers no JSON object")
        return answer
