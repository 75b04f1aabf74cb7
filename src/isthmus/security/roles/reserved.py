"""The roles that are built in, and what service accounts may do, as Elasticsearch 8.19 has them.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/built-in-roles.html
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import msgspec

from isthmus.errors import UsageError
from isthmus.security.roles.descriptor import RoleDescriptor
from isthmus.security.roles.parsing import parse_role


@cache
def reserved_roles() -> Mapping[str, RoleDescriptor]:
    """Return the roles that are built in, by name."""
    return _read("reserved.json")


@cache
def service_account_roles() -> Mapping[str, RoleDescriptor]:
    """Return what each service account may do, by the account's name."""
    return _read("service_accounts.json")


def check_not_reserved(name: str) -> None:
    """Raise UsageError for the name of a role that is built in."""
    if name in reserved_roles():
        raise UsageError(f"Role [{name}] is reserved and may not be used.")


def _read(file: str) -> Mapping[str, RoleDescriptor]:
    bodies = msgspec.json.decode(files(__package__).joinpath(file).read_bytes(), type=dict[str, msgspec.Raw])
    return MappingProxyType({name: parse_role(name, msgspec.json.decode(body)) for name, body in bodies.items()})
