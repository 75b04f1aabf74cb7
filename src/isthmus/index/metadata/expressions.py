"""How the names in a request become indices. Pure.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/api-conventions.html#api-multi-index
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from isthmus.errors import IsthmusError, UsageError
from isthmus.index.metadata.errors import IndexNotFoundError, InvalidIndexNameError
from isthmus.index.metadata.index_metadata import IndexMetadata

MAX_PARTS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a name that means nothing is, and what a wildcard means. `hidden`: wildcards show hidden indices too."""

    ignore_unavailable: bool = False
    allow_no_indices: bool = True
    open: bool = True
    hidden: bool = False
    wildcards: bool = True


LENIENT = Options()
STRICT = Options(allow_no_indices=False)


class Sight(Protocol):
    """What somebody may name."""

    def sees(self, name: str) -> bool:
        """Tell whether he may use the index or alias of this name, whether there is one or not."""

    def refusal(self, *names: str) -> IsthmusError:
        """Return the error for names that he may not use."""


class _Everything:
    def sees(self, name: str) -> bool:
        return True

    def refusal(self, *names: str) -> IsthmusError:
        raise AssertionError(f"{names} are seen")


EVERYTHING: Final[Sight] = _Everything()


@dataclass(slots=True)
class Resolved:
    """An index, whether it was named itself, and the aliases by which it was named, by a pattern too."""

    index: IndexMetadata
    aliases: list[str] = field(default_factory=list)
    itself: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The names by which it was meant: what may be seen of it depends on them."""
        return (*((self.index.name,) if self.itself else ()), *dict.fromkeys(self.aliases))

    @property
    def filters(self) -> tuple[bytes, ...]:
        """The alias filters: what any of them matches may be seen; () for all."""
        if self.itself:
            return ()
        filters = [self.index.aliases[alias].filter for alias in self.aliases]
        return () if None in filters else tuple(one for one in filters if one is not None)


def resolve(
    expression: str,
    indices: Mapping[str, IndexMetadata],
    options: Options = LENIENT,
    sight: Sight = EVERYTHING,
) -> list[Resolved]:
    """Return the indices that `expression` means, by name: comma-separated names, aliases, patterns, `-` to leave out.

    A pattern means what `sight` sees of what it fits. Raises IndexNotFoundError, InvalidIndexNameError, UsageError for
    names of other clusters, and the refusal of a name that is not seen.
    """
    parts = [part for part in expression.split(",") if part]
    if len(parts) > MAX_PARTS:
        raise UsageError(f"an expression names at most {MAX_PARTS} indices")
    found: dict[str, Resolved] = {}
    wildcard_seen = False
    for part in parts or ["_all"]:
        if wildcard_seen and part.startswith("-"):
            _leave_out(part[1:], found, indices)
        elif part == "_all" or "*" in part:
            wildcard_seen = True
            _add_pattern("*" if part == "_all" else part, found, indices, options, sight)
        elif _is_named(part, options, sight):
            _add_name(part, found, indices, options)
    if not found and not options.allow_no_indices:
        raise IndexNotFoundError(expression or "_all")
    return [found[name] for name in sorted(found)]


def one_to_read(name: str, indices: Mapping[str, IndexMetadata], sight: Sight = EVERYTHING) -> IndexMetadata:
    """Return the one index that `name` means; raises as `resolve`, and UsageError if it means several."""
    found = resolve(name, indices, Options(allow_no_indices=False, wildcards=False), sight)
    if len(found) > 1:
        names = ", ".join(one.index.name for one in found)
        raise UsageError(
            f"alias [{name}] has more than one index associated with it [{names}], can't execute a single index op"
        )
    return found[0].index


def one_to_write(name: str, indices: Mapping[str, IndexMetadata], sight: Sight = EVERYTHING) -> IndexMetadata | None:
    """Return the index that a document written to `name` goes to; None if there is none of that name.

    Raises UsageError for an alias that does not tell, and the refusal of a name that is not seen.
    """
    check_local(name)
    if not sight.sees(name):
        raise sight.refusal(name)
    if name in indices:
        return indices[name]
    members = [index for index in indices.values() if name in index.aliases]
    if not members:
        return None
    writing = [index for index in members if index.aliases[name].is_write_index]
    if writing:
        return writing[0]
    if len(members) == 1 and members[0].aliases[name].is_write_index is None:
        return members[0]
    raise UsageError(
        f"no write index is defined for alias [{name}]. The write index may be explicitly disabled using "
        "is_write_index=false or the alias points to multiple indices without one being designated as a write index"
    )


def matches(pattern: str, name: str) -> bool:
    """Tell whether a pattern, in which `*` is any text, means a name."""
    return fnmatch.fnmatchcase(name, pattern.replace("[", "[[]").replace("?", "[?]"))


def matching(patterns: Iterable[str], names: Collection[str]) -> list[str]:
    """Return the names that any of the patterns means, sorted."""
    return sorted({name for name in names for pattern in patterns if pattern == "_all" or matches(pattern, name)})


def is_remote(part: str) -> bool:
    """Tell whether a part of an expression means indices of another cluster."""
    return ":" in part and not part.startswith("<")


def names_others(expression: str | None) -> bool:
    """Tell whether an expression names indices of other clusters."""
    return expression is not None and any(is_remote(part) for part in expression.split(","))


def names_only_others(expression: str | None) -> bool:
    """Tell whether every index of an expression is one of another cluster."""
    parts = [part for part in (expression or "").split(",") if part]
    return bool(parts) and all(is_remote(part) for part in parts)


def check_local(name: str) -> None:
    """Raise UsageError for an index of another cluster, or a name with date math: neither is served."""
    if name.startswith("<"):
        raise UsageError(f"date math in the index name [{name[:100]}] is not supported", hint="write the date out")
    if ":" in name:
        cluster = re.split(":", name, maxsplit=1)[0]
        raise NoSuchRemoteClusterError(f"no such remote cluster: [{cluster[:100]}]")


class NoSuchRemoteClusterError(UsageError):
    """An index of a cluster that is not registered."""

    type = "no_such_remote_cluster_exception"
    status = 404


def _is_named(name: str, options: Options, sight: Sight) -> bool:
    """Tell whether a name counts: one that is not seen is refused, or passed over where missing ones may be."""
    if sight.sees(name):
        return True
    if options.ignore_unavailable:
        return False
    raise sight.refusal(name)


def _add_name(name: str, found: dict[str, Resolved], indices: Mapping[str, IndexMetadata], options: Options) -> None:
    check_local(name)
    if name.startswith("_"):
        raise InvalidIndexNameError(name, "must not start with '_'.")
    if name in indices:
        found.setdefault(name, Resolved(indices[name])).itself = True
        return
    members = [index for index in indices.values() if name in index.aliases]
    for index in members:
        found.setdefault(index.name, Resolved(index)).aliases.append(name)
    if not members and not options.ignore_unavailable:
        raise IndexNotFoundError(name)


def _add_pattern(
    pattern: str,
    found: dict[str, Resolved],
    indices: Mapping[str, IndexMetadata],
    options: Options,
    sight: Sight,
) -> None:
    check_local(pattern)
    if not options.wildcards:
        raise IndexNotFoundError(pattern)
    before = len(found)
    if options.open:
        for index in indices.values():
            if matches(pattern, index.name) and _is_shown(index, pattern, options) and sight.sees(index.name):
                found.setdefault(index.name, Resolved(index)).itself = True
            for alias, settings in index.aliases.items():
                if matches(pattern, alias) and (not settings.is_hidden or options.hidden) and sight.sees(alias):
                    found.setdefault(index.name, Resolved(index)).aliases.append(alias)
    if len(found) == before and not options.allow_no_indices:
        raise IndexNotFoundError(pattern)


def _is_shown(index: IndexMetadata, pattern: str, options: Options) -> bool:
    if options.hidden or index.settings.get("index.hidden") != "true":
        return True
    return pattern.startswith(".") and index.name.startswith(".")


def _leave_out(pattern: str, found: dict[str, Resolved], indices: Mapping[str, IndexMetadata]) -> None:
    for name in list(found):
        if matches(pattern, name) or any(matches(pattern, alias) for alias in indices[name].aliases):
            del found[name]
