"""Where a webhook may go: never into this machine or a private network unless a setting says so."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from geodata.errors import TwinError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
LONGEST_URL = 500
PORTS = {"https": 443, "http": 80}


class TargetError(TwinError):
    """A webhook may not, or cannot, go where it wants to; says why.

    Attributes:
        why: url, scheme, private or unknown.
    """

    def __init__(self, text: str, why: str) -> None:
        super().__init__(text)
        self.why = why


@dataclass(frozen=True, slots=True)
class Target:
    """Where a webhook goes, looked up and allowed.

    Attributes:
        url: As it was subscribed.
        host: Its name, for the Host header and the certificate.
        address: The address that was looked at; the connection goes there and nowhere else.
        port: Its port.
        scheme: https or http.
        path: Path and query.
    """

    url: str
    host: str
    address: str
    port: int
    scheme: str
    path: str

    @property
    def numeric_url(self) -> str:
        """The address in place of the name, so that a second look-up cannot lead elsewhere."""
        at = f"[{self.address}]" if ":" in self.address else self.address
        return f"{self.scheme}://{at}:{self.port}{self.path}"

    @property
    def authority(self) -> str:
        """Value of the Host header."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == PORTS[self.scheme] else f"{name}:{self.port}"


def read_networks(text: str) -> tuple[Network, ...]:
    """Return the networks of a setting, separated by commas.

    Raises:
        TargetError: One of them is none.
    """
    found = []
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        try:
            found.append(ipaddress.ip_network(part, strict=False))
        except ValueError as error:
            raise TargetError(
                f"{part!r} is no network; write 10.1.0.0/16, 192.168.1.20 or fd00::/8", "url"
            ) from error
    return tuple(found)


def check_url(url: str, allowed: tuple[Network, ...] = ()) -> tuple[str, str, int, str]:
    """Return scheme, host, port and path of a URL; does not look the host up.

    Raises:
        TargetError: It is no URL that a webhook can have.
    """
    if not isinstance(url, str) or not url.isascii() or not url.isprintable() or " " in url:
        raise TargetError("url: an address like https://example.org/hook is wanted", "url")
    if len(url) > LONGEST_URL:
        raise TargetError(f"url: up to {LONGEST_URL} characters", "url")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise TargetError(f"url: {error}", "url") from error
    if parts.scheme not in PORTS or not parts.hostname:
        raise TargetError("url: an address like https://example.org/hook is wanted", "url")
    if parts.username is not None or parts.password is not None:
        raise TargetError("url: a name or password in it would be written into logs", "url")
    if parts.scheme == "http" and not allowed:
        raise TargetError(
            "url: https is wanted; http is only for networks named in TWIN_WEBHOOK_NETWORKS",
            "scheme",
        )
    try:
        ipaddress.ip_address(parts.hostname)
    except ValueError:
        pass  # a name, which is looked up when something is sent
    else:
        check_address(parts.hostname, parts.hostname, parts.scheme, allowed)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return parts.scheme, parts.hostname, port or PORTS[parts.scheme], path


def find_target(url: str, allowed: tuple[Network, ...] = ()) -> Target:
    """Look a URL's host up and return where to connect to; waits for the name server.

    Args:
        url: Where to.
        allowed: Networks that may be reached though they are private, and by plain http.

    Raises:
        TargetError: It may not go there, or there is no such host.
    """
    scheme, host, port, path = check_url(url, allowed)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise TargetError(f"{host}: this name is not known ({error})", "unknown") from error
    addresses = [str(entry[4][0]).partition("%")[0] for entry in found]
    for address in addresses:  # one that is not allowed condemns all: the name may turn
        check_address(address, host, scheme, allowed)
    return Target(url, host, addresses[0], port, scheme, path)


def check_address(address: str, host: str, scheme: str, allowed: tuple[Network, ...]) -> None:
    """Refuse an address that is not public and in no allowed network.

    Raises:
        TargetError: It is refused.
    """
    ip = ipaddress.ip_address(address)
    mapped = getattr(ip, "ipv4_mapped", None)
    ip = mapped or ip
    if any(ip.version == network.version and ip in network for network in allowed):
        return
    if not ip.is_global or ip.is_multicast:
        raise TargetError(
            f"{host} is {ip}, which is not public; name its network in TWIN_WEBHOOK_NETWORKS "
            "if webhooks shall go there",
            "private",
        )
    if scheme != "https":
        raise TargetError(
            f"{host}: https is wanted outside of the networks in TWIN_WEBHOOK_NETWORKS", "scheme"
        )
