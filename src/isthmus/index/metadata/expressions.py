"""How the names in a request become indices: wildcards, exclusions, `_all`, aliases and their filters. Pure.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/api-conventions.html#api-multi-index
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from isthmus.errors import UsageError
from isthmus.index.metadata.errors import IndexNotFoundError
from isthmus.index.metadata.index_metadata import Alias, IndexMetadata
from isthmus.index.metadata.names import refuse_computed, refuse_remote
from isthmus.index.metadata.wildcards import matches

MAX_EXPRESSIONS = 1_024
MAX_EXPRESSION_BYTES = 64 << 10
ALL = "_all"
_STATES = ("open", "closed", "hidden", "none", "all")


@dataclass(frozen=True)
class IndicesOptions:
    """What a request says of names that are missing or stand for many.

    `open` and `hidden` tell which indices a wildcard finds; no index is ever closed here.
    """

    ignore_unavailable: bool = False
    allow_no_indices: bool = True
    open: bool = True
    hidden: bool = False

    def expanding(self, states: Iterable[str]) -> IndicesOptions:
        """Return these options with `expand_wildcards` set to `states`, the later over the earlier."""
        found = replace(self, open=False, hidden=False)
        for state in states:
            match state:
                case "all":
                    found = replace(found, open=True, hidden=True)
                case "none":
                    found = replace(found, open=False, hidden=False)
                case "open":
                    found = replace(found, open=True)
                case "hidden":
                    found = replace(found, hidden=True)
                case "closed":
                    continue
                case _:
                    raise UsageError(
                        f"No valid expand wildcard value [{state[:50]}]", hint=f"one of {', '.join(_STATES)}"
                    )
        return found


@dataclass(frozen=True)
class Resolved:
    """An index that was meant. A document is meant if one of `filters` matches; all are if there is none."""

    index: IndexMetadata
    filters: tuple[bytes, ...] = ()


def resolve(
    expression: str | Sequence[str], indices: Mapping[str, IndexMetadata], options: IndicesOptions
) -> list[Resolved]:
    """Return the indices that `expression` means, by name; an index that is named itself has no filters.

    Raises IndexNotFoundError for what is missing and may not be, UsageError for names that are refused.
    """
    parts = _parts(expression)
    names = _names(parts, _aliases(indices), indices, options)
    found = _targets(names, indices)
    if not found and not options.allow_no_indices:
        raise IndexNotFoundError(",".join(parts))
    return found


def write_index(name: str, indices: Mapping[str, IndexMetadata]) -> IndexMetadata | None:
    """Return the index that a document written to `name` goes to; None if there is neither index nor alias.

    Raises UsageError if an alias of several indices has no write index.
    """
    refuse_computed(name)
    refuse_remote(name)
    if name in indices:
        return indices[name]
    holders = [index for index in indices.values() if name in index.aliases]
    writable = [index for index in holders if index.aliases[name].is_write_index]
    if len(writable) == 1:
        return writable[0]
    if not holders:
        return None
    if len(holders) == 1 and holders[0].aliases[name].is_write_index is None:
        return holders[0]
    raise UsageError(
        f"no write index is defined for alias [{name}]. The write index may be explicitly disabled using"
        " is_write_index=false or the alias points to multiple indices without one being designated as a write index"
    )


def is_hidden(index: IndexMetadata) -> bool:
    """Tell whether wildcards pass over the index unless they are asked to find it."""
    return index.settings.get("index.hidden") == "true"


def _parts(expression: str | Sequence[str]) -> list[str]:
    given = [expression] if isinstance(expression, str) else list(expression)
    parts = [part for text in given for part in text.split(",") if part] or [ALL]
    if len(parts) > MAX_EXPRESSIONS or sum(map(len, parts)) > MAX_EXPRESSION_BYTES:
        raise UsageError(f"a request names at most {MAX_EXPRESSIONS} indices in {MAX_EXPRESSION_BYTES} bytes")
    for part in parts:
        refuse_computed(part)
        refuse_remote(part)
    return parts


def _aliases(indices: Mapping[str, IndexMetadata]) -> dict[str, list[Alias]]:
    found: dict[str, list[Alias]] = {}
    for index in indices.values():
        for name, alias in index.aliases.items():
            found.setdefault(name, []).append(alias)
    return found


def _names(
    parts: Sequence[str],
    aliases: Mapping[str, list[Alias]],
    indices: Mapping[str, IndexMetadata],
    options: IndicesOptions,
) -> dict[str, None]:
    """The names of indices and aliases that are meant; an exclusion takes from what stands before a wildcard."""
    names: dict[str, None] = {}
    wildcard_seen = False
    for part in parts:
        if part.startswith("-") and wildcard_seen:
            names = {name: None for name in names if not matches(part[1:], name)}
        elif part == ALL or "*" in part:
            wildcard_seen = True
            found = _expand("*" if part == ALL else part, aliases, indices, options)
            if not found and not options.allow_no_indices:
                raise IndexNotFoundError(part)
            names |= dict.fromkeys(found)
        elif part in indices or part in aliases:
            names[part] = None
        elif not options.ignore_unavailable:
            raise IndexNotFoundError(part)
    return names


def _expand(
    text: str, aliases: Mapping[str, list[Alias]], indices: Mapping[str, IndexMetadata], options: IndicesOptions
) -> list[str]:
    if not options.open:
        return []
    # A hidden name that begins with a dot is found by a pattern that does so too.
    hidden = options.hidden

    def seen(name: str, *, concealed: bool) -> bool:
        return not concealed or hidden or (name.startswith(".") and text.startswith("."))

    found = [name for name, index in indices.items() if matches(text, name) and seen(name, concealed=is_hidden(index))]
    return found + [
        name
        for name, held in aliases.items()
        if matches(text, name) and seen(name, concealed=any(alias.is_hidden for alias in held))
    ]


def _targets(names: Mapping[str, None], indices: Mapping[str, IndexMetadata]) -> list[Resolved]:
    found = []
    for name, index in sorted(indices.items()):
        through = [alias for alias_name, alias in index.aliases.items() if alias_name in names]
        if name in names:
            found.append(Resolved(index))
        elif through:
            filters = tuple(dict.fromkeys(alias.filter for alias in through if alias.filter is not None))
            whole = any(alias.filter is None for alias in through)
            found.append(Resolved(index, () if whole else filters))
    return found
