"""Accounts of people, their sessions, and the devices that wall screens are."""

from live.accounts.account import Account, AccountError
from live.accounts.book import AccountBook
from live.accounts.sessions import Session, SessionBook
from live.accounts.walls import WallBook

__all__ = ["Account", "AccountBook", "AccountError", "Session", "SessionBook", "WallBook"]
