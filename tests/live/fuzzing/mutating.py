"""Right bodies made wrong: in what they mean, how they are written, in their bytes. Pure but for the chance given."""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Callable, Iterator, MutableMapping, MutableSequence
from typing import Any

from tests.live.fuzzing.values import KEYS, LEAVES, TEXT_BYTES, Raw

_KEY = re.compile(rb'"[^"\\]{1,50}":')
Container = MutableMapping[str, Any] | MutableSequence[Any]
MAX_DEPTH = 100  # all that goes over a value here is recursive
Place = tuple[Any, Any]  # a container, and a key or an index of it


def written(value: object) -> bytes:
    """Return a value as JSON; texts marked Raw go in as they stand."""
    return _text(value).encode(errors="surrogatepass")


def altered(chance: random.Random, value: object, times: int) -> object:
    """Return a copy of a value with `times` places replaced, removed, renamed, wrapped or moved."""
    whole = {"": copy.deepcopy(value)}
    for _ in range(times):
        before = copy.deepcopy(whole)
        places = list(_places(whole))
        container, key = chance.choice(places)
        chance.choice(_WAYS)(chance, container, key, places)
        if _depth(whole) > MAX_DEPTH:
            whole = before
        if "" not in whole:
            return None
    return whole[""]


def damaged(chance: random.Random, body: bytes) -> bytes:
    """Return a body cut, doubled, or with wrong bytes in it."""
    at, until = sorted((chance.randrange(len(body) + 1), chance.randrange(len(body) + 1)))
    noise = bytes(chance.choices(TEXT_BYTES, k=chance.randrange(1, 9)))
    keys = list(_KEY.finditer(body))
    again = chance.choice(keys) if keys else None
    return chance.choice(
        (
            body[:at],
            body[:at] + body[until:],
            body[:at] + noise + body[at:],
            body[:at] + noise + body[until:],
            body[:until] + body[at:],
            body + body,
            body + noise,
            b"\xef\xbb\xbf" + body,
            body.replace(b"\n", b""),
            body.replace(b"\n", b"\n\n"),
            body.replace(b'"', b"'"),
            body.decode(errors="replace").encode("utf-16"),
            b"",
            b"\n",
            body if again is None else body[: again.start()] + again[0] + b"1," + body[again.start() :],
        )
    )


def _text(value: object) -> str:
    if isinstance(value, Raw):
        return value
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(key)}:{_text(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(_text, value)) + "]"
    return json.dumps(value)


def _depth(value: object) -> int:
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max(map(_depth, parts), default=0)


def _places(value: object) -> Iterator[Place]:
    keys: Any = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from _places(value[key])  # type: ignore[index]  # a dict or a list, as it has keys


def _replace(chance: random.Random, container: Any, key: Any, _places: list[Place]) -> None:
    container[key] = copy.deepcopy(chance.choice(LEAVES))


def _remove(_chance: random.Random, container: Any, key: Any, _places: list[Place]) -> None:
    del container[key]


def _rename(chance: random.Random, container: Any, key: Any, places: list[Place]) -> None:
    if isinstance(container, dict) and key != "":
        known = [name for _, name in places if isinstance(name, str)]
        container[chance.choice((*KEYS, *known))] = container.pop(key)


def _add(chance: random.Random, container: Any, key: Any, _places: list[Place]) -> None:
    if isinstance(container[key], dict):
        container[key][chance.choice(KEYS)] = copy.deepcopy(chance.choice(LEAVES))
    elif isinstance(container[key], list):
        container[key].append(copy.deepcopy(chance.choice(LEAVES)))


def _wrap(chance: random.Random, container: Any, key: Any, _places: list[Place]) -> None:
    inner = container[key]
    container[key] = chance.choice(([inner], [inner, inner], {chance.choice(KEYS): inner}, _Deep.of(chance, inner)))


def _move(chance: random.Random, container: Any, key: Any, places: list[Place]) -> None:
    other, place = chance.choice(places)
    container[key] = copy.deepcopy(other[place])


def _as_text(_chance: random.Random, container: Any, key: Any, _places: list[Place]) -> None:
    container[key] = str(container[key])


class _Deep:
    """A part in itself: `{"query": {"bool": …}}` many times over."""

    @staticmethod
    def of(chance: random.Random, inner: object) -> object:
        for _ in range(chance.choice((2, 10, 30))):
            inner = chance.choice(({"bool": {"must": inner}}, [inner], {"a": inner}))
        return inner


_WAYS: tuple[Callable[[random.Random, Any, Any, list[Place]], None], ...] = (
    *(_replace, _replace, _replace, _remove, _rename, _rename, _add, _wrap, _move, _as_text),
)
