"""Instances: what a node's certificate is to say, from instances.yml, from flags, or from a person.

The file has the shape that `elasticsearch-certutil --in` reads: a list `instances` of maps with `name` and, each
optional, `filename`, `ip`, `dns` and `cn`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import click

from isthmus.cli.certutil import prompts
from isthmus.cli.certutil.input import read_file
from isthmus.cli.certutil.yaml_in import check_keys, load_yaml
from isthmus.errors import DataError, UsageError
from isthmus.pki.names import (
    SubjectNames,
    common_name,
    parse_common_name,
    parse_distinguished_name,
    parse_dns_name,
    parse_ip_address,
)

DEFAULT_NAME = "instance"
MAX_INSTANCES = 10_000
MAX_FILE_BYTES = 8 * 1024 * 1024
MAX_NAMES = 1_000

_KEYS = ("name", "filename", "ip", "dns", "cn")
_FILENAME = re.compile(r"[a-zA-Z0-9!@#$%^&{}\[\]()_+\-=,.~'` ]{1,251}")
_RESERVED = "ca"

_Name = TypeVar("_Name")


@dataclass(frozen=True, slots=True)
class Instance:
    """One node: the name it was given, the name of its folder and files, and the names its certificate holds."""

    name: str
    filename: str
    names: SubjectNames


def make_instance(
    name: object,
    where: str,
    *,
    filename: object = None,
    dns: Iterable[object] = (),
    ip: Iterable[object] = (),
    cn: Iterable[object] = (),
) -> Instance:
    """Check the parts of one instance; a name with `=` in it is a distinguished name.

    Raises DataError that names `where` and the instance.
    """
    if not isinstance(name, str) or not name.strip():
        raise DataError("an instance has no name", hint="give it a name, in quotes if it is a number", where=where)
    name = name.strip()
    here = f"{where}: instance [{name[:100]}]"
    subject = parse_distinguished_name(name, here) if "=" in name else common_name(name, here)
    return Instance(
        name,
        _filename(name if filename is None else filename, here, given=filename is not None),
        SubjectNames(
            subject,
            _each(dns, parse_dns_name, here),
            _each(ip, parse_ip_address, here),
            _each(cn, parse_common_name, here),
        ),
    )


def gather_instances(
    file: str | None, name: str | None, dns: Sequence[str], ip: Sequence[str], *, multiple: bool = False
) -> tuple[Instance, ...]:
    """Take the instances from --in, from a person (--multiple), or the one of --name, --dns and --ip."""
    if file is not None:
        return parse_instances(read_file(Path(file), limit=MAX_FILE_BYTES), file)
    if multiple:
        return _asked_instances()
    name = name or DEFAULT_NAME
    return (make_instance(name, "--name", filename=_asked_filename(name), dns=split_commas(dns), ip=split_commas(ip)),)


def split_commas(values: Sequence[str]) -> list[str]:
    """Take the values of a flag that may be repeated and may hold commas apart."""
    return [part.strip() for value in values for part in value.split(",") if part.strip()]


def parse_instances(data: bytes, where: str) -> tuple[Instance, ...]:
    """Read instances.yml; raises DataError that names file, instance and mend."""
    if len(data) > MAX_FILE_BYTES:
        raise DataError(f"is larger than {MAX_FILE_BYTES} bytes", hint="split it", where=where)
    document = load_yaml(data, where, example="isthmus certutil cert")
    if not isinstance(document, dict) or "instances" not in document:
        raise DataError("has no list [instances]", hint="begin it with 'instances:' and a list", where=where)
    check_keys(document, ("instances",), where)
    entries = document["instances"]
    if not isinstance(entries, list) or not entries:
        raise DataError("the list [instances] is empty", hint="add '- name: node1'", where=where)
    if len(entries) > MAX_INSTANCES:
        raise DataError(f"more than {MAX_INSTANCES} instances", hint="split the file", where=where)
    instances = tuple(_instance(entry, at, where) for at, entry in enumerate(entries, 1))
    check_unique(instances, where)
    return instances


def is_safe_filename(text: str) -> bool:
    """Tell whether a text may name a folder and its files everywhere: no path, no hidden file, no odd characters."""
    return _FILENAME.fullmatch(text) is not None and text == text.strip(" ").rstrip(".").lstrip(".")


def check_unique(instances: Sequence[Instance], where: str) -> None:
    """Raise DataError if two instances would share a folder (also where letter case does not count) or a name."""
    folders: dict[str, Instance] = {}
    for instance in instances:
        other = folders.setdefault(instance.filename.casefold(), instance)
        if other is not instance:
            raise DataError(
                f"the filename [{instance.filename}] is already that of instance [{other.name}]",
                hint="give each instance a filename of its own",
                where=f"{where}: instance [{instance.name}]",
            )


def _asked_instances() -> tuple[Instance, ...]:
    if not prompts.is_interactive():
        raise UsageError(
            "--multiple asks for instances, and there is no terminal", hint="describe them in a file: --in"
        )
    instances: list[Instance] = []
    while True:
        try:
            instance = _asked_instance()
            check_unique([*instances, instance], "answer")
            instances.append(instance)
        except DataError as error:
            click.echo(f"{error}; this instance is left out", err=True)
        if prompts.line("Would you like to specify another instance? Press 'y' to continue") != "y":
            break
    if not instances:
        raise DataError("no instance was described", hint="call the command again")
    return tuple(instances)


def _asked_instance() -> Instance:
    name = prompts.line("Enter instance name")
    filename = prompts.line("Enter name for directories and files", name)
    addresses = prompts.line("Enter IP Addresses for instance (comma-separated if more than one) []")
    dns = prompts.line("Enter DNS names for instance (comma-separated if more than one) []")
    return make_instance(name, "answer", filename=filename, dns=split_commas([dns]), ip=split_commas([addresses]))


def _asked_filename(name: str) -> str | None:
    if is_safe_filename(name) or not prompts.is_interactive():
        return None
    return prompts.line(f"Enter name for directories and files of {name}")


def _instance(entry: object, number: int, where: str) -> Instance:
    if not isinstance(entry, dict):
        raise DataError(
            "is not a map with a name", hint="write it as '- name: node1'", where=f"{where}: number {number}"
        )
    name = entry.get("name")
    here = f"{where}: instance [{name}]" if isinstance(name, str) else f"{where}: instance number {number}"
    check_keys(entry, _KEYS, here)
    if not isinstance(name, str):
        raise DataError("the name is missing or no text", hint="add 'name', in quotes if it is a number", where=here)
    lists = {key: _strings(entry.get(key), key, here) for key in ("dns", "ip", "cn")}
    return make_instance(name, where, filename=entry.get("filename"), **lists)


def _strings(value: object, key: str, where: str) -> list[object]:
    if value is None:
        return []
    values = value if isinstance(value, list) else [value]
    if len(values) > MAX_NAMES:
        raise DataError(f"[{key}] has more than {MAX_NAMES} entries", hint="take another certificate", where=where)
    return values


def _each(values: Iterable[object], parse: Callable[[object, str], _Name], where: str) -> tuple[_Name, ...]:
    return tuple(dict.fromkeys(parse(value, where) for value in values))


def _filename(value: object, where: str, *, given: bool) -> str:
    if not isinstance(value, str):
        raise DataError(f"the filename [{value!r}] is no text", hint="put it in quotes", where=where)
    if not is_safe_filename(value):
        hint = "use letters, digits, hyphens and dots, no path" if given else "give it a filename of letters and digits"
        raise DataError(f"[{value[:300]}] is no safe filename", hint=hint, where=where)
    if value.casefold() == _RESERVED:
        raise DataError(f"the filename [{value}] is kept for the CA", hint="choose another filename", where=where)
    return value
