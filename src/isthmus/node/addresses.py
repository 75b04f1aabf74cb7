"""Which address a node publishes, from what it bound and what it was told. Pure."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence

Bound = tuple[str, int]


def publish_address(bound: Sequence[Bound], publish_host: str | None) -> tuple[str, str, int]:
    """Return (host as others shall name it, ip, port) of a listener bound at `bound`.

    Without a `publish_host` it is the first bound address that others can reach, IPv4 before IPv6.
    """
    if publish_host is not None:
        return publish_host, _resolve(publish_host), bound[0][1]
    host, port = min(bound, key=lambda address: _rank(ipaddress.ip_address(address[0])))
    ip = _own_address(host) if ipaddress.ip_address(host).is_unspecified else host
    return ip, ip, port


def joined(host: str, port: int) -> str:
    """Write an address as `host:port`, an IPv6 one in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _rank(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> tuple[bool, int]:
    return ip.is_loopback, ip.version


def _resolve(host: str) -> str:
    return str(socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)[0][4][0])


def _own_address(unspecified: str) -> str:
    """The address that this machine speaks from: found by routing, nothing is sent."""
    family = socket.AF_INET6 if ":" in unspecified else socket.AF_INET
    probe = "2001:db8::1" if family == socket.AF_INET6 else "192.0.2.1"
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        try:
            sock.connect((probe, 9))
        except OSError:
            return "::1" if family == socket.AF_INET6 else "127.0.0.1"
        return str(sock.getsockname()[0])
