"""Hosts to bind and to publish, with Elasticsearch's special values.

`_local_` is this machine's loopback addresses. The values that stand for addresses of network interfaces (`_site_`,
`_global_`, `_eth0_`) are refused by name: which address they mean depends on the machine, and a node that guesses
may listen where nobody wanted it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from isthmus.settings.values import ValueType, text

Hosts = tuple[str, ...]
LOCAL = "_local_"
WILDCARDS = frozenset({"0.0.0.0", "::", "0:0:0:0:0:0:0:0"})  # noqa: S104 - recognised, not bound
_NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z_.-]{0,253}", re.ASCII)


def expand(hosts: Sequence[str], loopback: Sequence[str]) -> Hosts:
    """Return `hosts` with `_local_` replaced by the addresses `loopback`. Each appears once, in the order given."""
    expanded: list[str] = []
    for name in hosts:
        expanded.extend(loopback if name == LOCAL else [name])
    return tuple(dict.fromkeys(expanded))


def bindable(hosts: Sequence[str]) -> Hosts:
    """Return `hosts` as a listener takes them: `_local_` is 127.0.0.1, and ::1 if this machine has it."""
    return expand(hosts, ("127.0.0.1", "::1") if LOCAL in hosts and _has_ipv6_loopback() else ("127.0.0.1",))


def nameable(hosts: Sequence[str]) -> str | None:
    """Return the first of `hosts` that others could be told: no wildcard and no special value."""
    return next((name for name in hosts if name not in WILDCARDS and name != LOCAL), None)


def _parse_host(value: object) -> str:
    name = text.parse(value)
    if name.startswith("[") and name.endswith("]"):
        name = name[1:-1]
    if name == LOCAL:
        return name
    if re.fullmatch(r"_.*_|_.*_?:ipv[46]_?", name):
        raise ValueError("special values other than [_local_] are not supported; write the address or the host name")
    if not (_NAME.fullmatch(name) or (":" in name and _is_ipv6(name))):
        raise ValueError("a host name or an IP address is expected, without a port")
    return name


def _parse_publishable(value: object) -> str:
    name = _parse_host(value)
    if name in WILDCARDS:
        raise ValueError("others cannot reach a node at an address that stands for all")
    return "127.0.0.1" if name == LOCAL else name


host: ValueType[str] = ValueType("host", _parse_host)
publishable_host: ValueType[str] = ValueType("host", _parse_publishable)


def _is_ipv6(name: str) -> bool:
    import ipaddress  # seldom needed

    try:
        ipaddress.IPv6Address(name)
    except ValueError:
        return False
    return True


def _has_ipv6_loopback() -> bool:
    import socket  # the command line reads settings without it

    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True
