"""The answers that `certutil http` needs, whether they come by flags, from a file, or from a person."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from isthmus.cli.certutil.instances import DEFAULT_NAME, MAX_INSTANCES, Instance, check_unique, make_instance
from isthmus.cli.certutil.options import MAX_DAYS
from isthmus.cli.certutil.yaml_in import check_keys, load_yaml
from isthmus.errors import DataError
from isthmus.pki.keys import KEY_TYPES, RSA_SIZES, KeyType

DEFAULT_CA_NAME = "CN=Elasticsearch HTTP CA"
MAX_FILE_BYTES = 8 * 1024 * 1024

_KEYS = ("csr", "pem", "ca", "ca_cert", "ca_key", "ca_dn", "days", "key_type", "key_size", "nodes", "out")
_NODE_KEYS = ("name", "filename", "dns", "ip")
_PERIOD = re.compile(r"([0-9]{1,5})\s*([DMY]?)", re.IGNORECASE)
_DAYS_OF = {"": 1, "D": 1, "M": 30, "Y": 365}


@dataclass(frozen=True, slots=True)
class Answers:
    """What is to be made; None is a question still open."""

    csr: bool | None = None
    pem: bool | None = None
    ca: str | None = None
    ca_cert: str | None = None
    ca_key: str | None = None
    ca_dn: str | None = None
    days: int | None = None
    key_type: KeyType | None = None
    key_size: int | None = None
    nodes: tuple[Instance, ...] | None = None
    out: str | None = None

    @property
    def names_a_ca(self) -> bool:
        """Whether an existing CA is named."""
        return bool(self.ca or self.ca_cert or self.ca_key)

    def over(self, other: Answers) -> Answers:
        """Take these answers, and those of `other` for what is open here."""
        given = {name: value for name in self.__slots__ if (value := getattr(self, name)) is not None}
        return replace(other, **given)


def parse_period(text: str, where: str) -> int:
    """Read `3Y`, `18M` or `90D` as days (a month has 30, a year 365); raises DataError that names `where`."""
    found = _PERIOD.fullmatch(text.strip())
    days = int(found[1]) * _DAYS_OF[found[2].upper()] if found else 0
    if not 1 <= days <= MAX_DAYS:
        raise DataError(
            f"[{text[:40]}] is no period", hint=f"write it as 90D, 18M or 3Y, at most {MAX_DAYS} days", where=where
        )
    return days


def parse_answers(data: bytes, where: str) -> Answers:
    """Read the file of answers; raises DataError that names the file, the key and the mend."""
    document = load_yaml(data, where, example="certutil http")
    if not isinstance(document, dict):
        raise DataError("is no map of answers", hint="see 'certutil http --help' for an example", where=where)
    check_keys(document, _KEYS, where)
    return Answers(
        csr=_boolean(document, "csr", where),
        pem=_boolean(document, "pem", where),
        **{key: _text(document, key, where) for key in ("ca", "ca_cert", "ca_key", "ca_dn", "out")},
        days=_days(document, where),
        key_type=_key_type(document, where),
        key_size=_key_size(document, where),
        nodes=_nodes(document, where),
    )


def _boolean(document: dict[Any, Any], key: str, where: str) -> bool | None:
    value = document.get(key)
    if value is None or isinstance(value, bool):
        return value
    raise DataError(f"[{key}] is neither true nor false", where=where)


def _text(document: dict[Any, Any], key: str, where: str) -> str | None:
    value = document.get(key)
    if value is None or (isinstance(value, str) and value):
        return value
    raise DataError(f"[{key}] is no text", hint="put it in quotes", where=where)


def _days(document: dict[Any, Any], where: str) -> int | None:
    value = document.get("days")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise DataError("[days] is no period", hint="write it as 90D, 18M or 3Y", where=where)
    return parse_period(str(value), f"{where}: days")


def _key_type(document: dict[Any, Any], where: str) -> KeyType | None:
    value = document.get("key_type")
    if value is None or value in KEY_TYPES:
        return value
    raise DataError(f"[{value}] is no type of keys", hint=f"choose among {', '.join(KEY_TYPES)}", where=where)


def _key_size(document: dict[Any, Any], where: str) -> int | None:
    value = document.get("key_size")
    if value is None or (isinstance(value, int) and value in RSA_SIZES):
        return value
    raise DataError(
        f"[{value}] is no size of RSA keys", hint=f"choose {RSA_SIZES.start} to {RSA_SIZES.stop - 1}", where=where
    )


def _nodes(document: dict[Any, Any], where: str) -> tuple[Instance, ...] | None:
    entries = document.get("nodes")
    if entries is None:
        return None
    if not isinstance(entries, list) or not 1 <= len(entries) <= MAX_INSTANCES:
        raise DataError(
            f"[nodes] is no list of 1 to {MAX_INSTANCES} nodes", hint="begin with '- name: n1'", where=where
        )
    nodes = tuple(_node(entry, f"{where}: node {at}") for at, entry in enumerate(entries, 1))
    check_unique(nodes, where)
    return nodes


def _node(entry: object, where: str) -> Instance:
    if not isinstance(entry, dict):
        raise DataError("is no map of names", hint="write it as '- name: node1'", where=where)
    check_keys(entry, _NODE_KEYS, where)
    dns, ips = (_list(entry.get(key), key, where) for key in ("dns", "ip"))
    return make_instance(entry.get("name", default_name(dns)), where, filename=entry.get("filename"), dns=dns, ip=ips)


def _list(value: object, key: str, where: str) -> list[Any]:
    if value is None:
        return []
    values = value if isinstance(value, list) else [value]
    if len(values) > MAX_INSTANCES:
        raise DataError(f"[{key}] has more than {MAX_INSTANCES} entries", where=where)
    return values


def default_name(dns: list[Any]) -> str:
    """Choose the name of a certificate: its first host name that is no wildcard, else the domain of the first."""
    names = [name for name in dns if isinstance(name, str)]
    plain = [name for name in names if not name.startswith("*.")]
    return (plain or [name.removeprefix("*.") for name in names] or [DEFAULT_NAME])[0]
