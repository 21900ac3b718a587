"""The accounts of one store: made, changed, disabled, and opened by a password."""

from __future__ import annotations

import re
import secrets
import threading
import unicodedata
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import orjson
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError
from sqlalchemy import Row, func, select

from live import audit
from live.accounts.account import (
    LONGEST,
    Account,
    AccountError,
    ensure_name,
    ensure_password,
    ensure_roles,
)
from live.accounts.tables import ACCOUNTS, METADATA
from live.events import utc_now
from live.store import Store
from live.store.tables import from_us, to_us

WRONG_BEFORE_LOCK = 5
LOCK = timedelta(minutes=15)
ABOUT = "accounts"
"""What rows of the audit are about."""


class AccountBook:
    """The accounts of a store. Safe for many threads; its calls wait for the disk.

    Args:
        store: Where they are kept; their tables are made if they are not there.
        clock: Gives the present moment.
        hasher: Hashes passwords; argon2id with the library's own figures by default.
    """

    def __init__(
        self,
        store: Store,
        clock: Callable[[], datetime] = utc_now,
        hasher: PasswordHasher | None = None,
    ) -> None:
        self.store, self.clock = store, clock
        self._hasher = hasher or PasswordHasher()
        # each comparison takes 64 MB; a crowd of them waits its turn
        self._turn = threading.Semaphore(2)
        with store.writing() as conn:
            METADATA.create_all(conn)

    @cached_property
    def _nobody(self) -> str:
        """What a password is compared with where there is no account: it takes as long."""
        return self._hasher.hash(secrets.token_urlsafe(16))

    def count(self) -> int:
        """Return how many accounts there are, disabled ones too."""
        with self.store.reading() as conn:
            return int(conn.scalar(select(func.count()).select_from(ACCOUNTS)) or 0)

    def accounts(self) -> list[Account]:
        """Return every account by name."""
        with self.store.reading() as conn:
            return [to_account(row) for row in conn.execute(select(ACCOUNTS).order_by("name"))]

    def find(self, name: str) -> Account:
        """Return an account by its name.

        Raises:
            AccountError: There is none.
        """
        plain = name.strip().casefold()
        with self.store.reading() as conn:
            row = conn.execute(select(ACCOUNTS).where(ACCOUNTS.c.name == plain)).one_or_none()
        if row is None:
            raise AccountError("missing", f"There is no account {name!r}. See: app.py user list")
        return to_account(row)

    def add(
        self,
        name: str,
        roles: Iterable[str],
        *,
        password: str | None = None,
        shown: str = "",
        areas: Iterable[str] | None = None,
        layers: Iterable[str] | None = None,
        must_change: bool = False,
        subject: str | None = None,
        by: str = "system",
    ) -> Account:
        """Make an account.

        Args:
            name: What they type.
            roles: At least one.
            password: What opens it; None where only single sign-on does.
            shown: What people call them; the name by default.
            areas: Grids they work in; None for all.
            layers: Layers whose live state they see; None for all.
            must_change: Whether the password opens only the change of itself.
            subject: Issuer and subject of single sign-on.
            by: Who makes it, for the audit.

        Raises:
            AccountError: The name is taken, or something does not fit.
        """
        plain = ensure_name(name)
        values: dict[str, Any] = {
            "id": secrets.token_hex(8),
            "name": plain,
            "shown": ensure_shown(shown or name),
            "password": None,
            "subject": subject,
            "roles": _to_json(ensure_roles(roles)),
            "areas": _to_json(areas),
            "layers": _to_json(layers),
            "must_change": int(must_change),
            "failed": 0,
            "created_at": to_us(self.clock()),
        }
        if password is not None:
            values["password"] = self._hasher.hash(ensure_password(password, plain))
        with self.store.writing() as conn:
            if conn.scalar(select(ACCOUNTS.c.id).where(ACCOUNTS.c.name == plain)):
                raise AccountError("taken", f"There is an account {plain!r} already.")
            conn.execute(ACCOUNTS.insert().values(values))
            self._note(conn, by, plain, "add", {"roles": sorted(ensure_roles(roles))})
        return self.find(plain)

    def change(
        self,
        name: str,
        *,
        roles: Iterable[str],
        areas: Iterable[str] | None,
        layers: Iterable[str] | None,
        by: str = "system",
    ) -> Account:
        """Give an account other rights; see `add`.

        Raises:
            AccountError: There is none, or it is the last administrator's.
        """
        account, given = self.find(name), ensure_roles(roles)
        if "admin" not in given:
            self._ensure_other_admin(account)
        values = {
            "roles": _to_json(given),
            "areas": _to_json(areas),
            "layers": _to_json(layers),
        }
        self._update(account, values, by, "change", {"roles": sorted(given)})
        return self.find(name)

    def disable(self, name: str, *, by: str = "system") -> Account:
        """Let nothing open an account any more.

        Raises:
            AccountError: There is none, or it is the last administrator's.
        """
        account = self.find(name)
        self._ensure_other_admin(account)
        self._update(account, {"disabled_at": to_us(self.clock())}, by, "disable", {})
        return account

    def enable(self, name: str, *, by: str = "system") -> Account:
        """Let an account be opened again, unlocked.

        Raises:
            AccountError: There is none.
        """
        account = self.find(name)
        values = {"disabled_at": None, "failed": 0, "locked_until": None}
        self._update(account, values, by, "enable", {})
        return account

    def set_password(
        self, name: str, password: str, *, must_change: bool = False, by: str = "system"
    ) -> Account:
        """Give an account another password, which unlocks it.

        Raises:
            AccountError: There is none, or the password is not good enough.
        """
        account = self.find(name)
        values = {
            "password": self._hasher.hash(ensure_password(password, account.name)),
            "must_change": int(must_change),
            "failed": 0,
            "locked_until": None,
        }
        self._update(account, values, by, "password", {"given": must_change})
        return account

    def open(self, name: str, password: str) -> Account | None:
        """Return the account that a name and a password open, or None.

        It takes as long whether there is such an account, whether it is locked, and whether the
        password is right; and nobody is told which of them it was.
        """
        plain, now = unicodedata.normalize("NFKC", name).strip().casefold()[:200], self.clock()
        with self.store.reading() as conn:
            row = conn.execute(select(ACCOUNTS).where(ACCOUNTS.c.name == plain)).one_or_none()
        nobody = self._nobody  # made the first time, whoever it is
        kept = row.password if row is not None and row.password else nobody
        right = self._is_right(kept, password[: LONGEST + 1])
        if row is None or row.password is None or row.disabled_at is not None:
            return None
        locked = row.locked_until is not None and row.locked_until > to_us(now)
        if locked:
            return None
        if not right:
            self._count_wrong(row, now)
            return None
        values: dict[str, Any] = {"failed": 0, "locked_until": None, "seen_at": to_us(now)}
        if self._hasher.check_needs_rehash(row.password):
            values["password"] = self._hasher.hash(password)
        with self.store.writing() as conn:
            conn.execute(ACCOUNTS.update().where(ACCOUNTS.c.id == row.id).values(values))
        return self.find(plain)

    def open_subject(
        self,
        subject: str,
        name: str,
        shown: str,
        roles: Iterable[str],
        areas: Iterable[str] | None = None,
    ) -> Account | None:
        """Return the account of somebody whom single sign-on vouches for; None where disabled.

        The first time it is made, under a name that is free; its roles follow the provider's.

        Args:
            subject: Issuer and subject, which never change.
            name: What it would like to be called.
            shown: What people call them.
            roles: As the provider's groups say.
            areas: Grids, likewise; None for all.

        Raises:
            AccountError: The name cannot be one.
        """
        given = ensure_roles(roles)
        name = re.sub(r"[^\w.@+\-]", "-", name)[:56]
        shown = "".join(c for c in shown if c.isprintable())[:64] or name
        with self.store.reading() as conn:
            row = conn.execute(select(ACCOUNTS).where(ACCOUNTS.c.subject == subject)).one_or_none()
        if row is None:
            with self.store.reading() as conn:
                taken = conn.scalar(
                    select(ACCOUNTS.c.id).where(ACCOUNTS.c.name == ensure_name(name))
                )
            # a local account of the same name is somebody else until an admin says otherwise
            free = f"{name}-{secrets.token_hex(2)}" if taken else name
            return self.add(
                free, given, shown=shown, areas=areas, subject=subject, by="single sign-on"
            )
        if row.disabled_at is not None:
            return None
        values = {
            "roles": _to_json(given),
            "areas": _to_json(areas),
            "seen_at": to_us(self.clock()),
        }
        with self.store.writing() as conn:
            conn.execute(ACCOUNTS.update().where(ACCOUNTS.c.id == row.id).values(values))
        return self.find(row.name)

    def _is_right(self, kept: str, password: str) -> bool:
        with self._turn:
            try:
                return self._hasher.verify(kept, password)
            except (VerifyMismatchError, VerificationError, InvalidHashError):
                return False

    def _count_wrong(self, row: Row[Any], now: datetime) -> None:
        with self.store.writing() as conn:
            mine = ACCOUNTS.c.id == row.id
            failed = int(conn.scalar(select(ACCOUNTS.c.failed).where(mine)) or 0) + 1
            values: dict[str, Any] = {"failed": failed}
            if failed >= WRONG_BEFORE_LOCK:
                values = {"failed": 0, "locked_until": to_us(now + LOCK)}
                self._note(conn, "system", row.name, "lock", {"until": values["locked_until"]})
            conn.execute(ACCOUNTS.update().where(mine).values(values))

    def _ensure_other_admin(self, account: Account) -> None:
        if "admin" not in account.roles or account.disabled_at is not None:
            return
        others = [
            one
            for one in self.accounts()
            if "admin" in one.roles and one.disabled_at is None and one.id != account.id
        ]
        if not others:
            raise AccountError(
                "last_admin", f"{account.name!r} is the last administrator; make another first."
            )

    def _update(
        self, account: Account, values: dict[str, Any], by: str, action: str, told: dict[str, Any]
    ) -> None:
        with self.store.writing() as conn:
            conn.execute(ACCOUNTS.update().where(ACCOUNTS.c.id == account.id).values(values))
            self._note(conn, by, account.name, action, told)

    def _note(self, conn: Any, by: str, name: str, action: str, told: dict[str, Any]) -> None:
        entry = audit.Entry(
            at=to_us(self.clock()),
            who=by,
            about=ABOUT,
            subject=secrets.token_hex(16),
            version=1,
            action=action,
            data={"account": name, **told},
        )
        audit.append(conn, [entry])


def ensure_shown(text: str) -> str:
    """Return what people call somebody.

    Raises:
        AccountError: It is empty, too long, or cannot be shown.
    """
    plain = " ".join(text.split())
    if not 0 < len(plain) <= 64 or not plain.isprintable():
        raise AccountError("shown", f"Nobody can be called {text[:80]!r}; use 1 to 64 characters.")
    return plain


def to_account(row: Row[Any]) -> Account:
    """Return a row of the table as an account."""

    def moment(us: int | None) -> datetime | None:
        return None if us is None else from_us(us)

    def names(text: str | None) -> frozenset[str] | None:
        return None if text is None else frozenset(orjson.loads(text))

    return Account(
        id=row.id,
        name=row.name,
        shown=row.shown,
        roles=names(row.roles) or frozenset(),
        areas=names(row.areas),
        layers=names(row.layers),
        must_change=bool(row.must_change),
        has_password=row.password is not None,
        subject=row.subject,
        failed=row.failed,
        locked_until=moment(row.locked_until),
        created_at=from_us(row.created_at),
        seen_at=moment(row.seen_at),
        disabled_at=moment(row.disabled_at),
    )


def _to_json(names: Iterable[str] | None) -> str | None:
    return None if names is None else orjson.dumps(sorted(set(names))).decode()
