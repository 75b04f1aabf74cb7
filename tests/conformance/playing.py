"""Plays the steps of a section with the official Python client."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from elasticsearch import ApiError, Elasticsearch

from tests.conformance.sections import Section, Step

STATUSES = {"": None, "bad_request": 400, "unauthorized": 401, "forbidden": 403, "missing": 404, "conflict": 409}
_STASHED = re.compile(r"\$\{?(\w+)\}?")


class Player:
    """Asks with `client`; keeps what was answered last, and what `set` stashed."""

    def __init__(self, client: Elasticsearch) -> None:
        self._client = client
        self._answer: Any = None
        self._stash: dict[str, Any] = {}

    def play(self, section: Section) -> None:
        """Play a section, and clean up whatever came of it."""
        try:
            self._all(section.setup)
            self._all(section.steps)
        finally:
            self._all(section.teardown)

    def _all(self, steps: Sequence[Step]) -> None:
        for step in steps:
            ((kind, said),) = step.items()
            if kind == "do":
                self._do(dict(said))
            elif kind == "set":
                self._stash |= {name: self._at(path) for path, name in said.items()}
            elif kind in ("is_true", "is_false"):
                assert (self._at(said) in _FALSE) == (kind == "is_false"), said
            else:
                check = _CHECKS[kind]
                for path, wanted in said.items():
                    check(self._at(path), self._meant(wanted))

    def _do(self, said: dict[str, Any]) -> None:
        expected = STATUSES[said.pop("catch", "")]
        headers = said.pop("headers", None)
        ((api, given),) = said.items()
        arguments = {name: self._meant(value) for name, value in (given or {}).items() if value is not None}
        ignored = arguments.pop("ignore", None)
        body = arguments.get("body")
        if isinstance(body, str):
            arguments["body"] = json.loads(body)
        client = self._client if headers is None else self._client.options(headers=headers)
        call: Any = client if ignored is None else client.options(ignore_status=ignored)
        for name in api.split("."):
            call = getattr(call, name)
        status, self._answer = _called(call, arguments)
        assert status == expected, f"{api}: {self._answer}"

    def _meant(self, value: Any) -> Any:
        """Return a value with what was stashed in the place of its names."""
        if isinstance(value, Mapping):
            return {name: self._meant(one) for name, one in value.items()}
        if isinstance(value, list):
            return [self._meant(one) for one in value]
        if not isinstance(value, str):
            return value
        whole = _STASHED.fullmatch(value)
        if whole is not None:
            return self._stash[whole[1]]
        return _STASHED.sub(lambda found: str(self._stash[found[1]]), value)

    def _at(self, path: str) -> Any:
        """Return what stands at a path of the last answer."""
        found = self._answer
        for name in path.split("."):
            if isinstance(found, Mapping):
                found = found.get(name)
            elif isinstance(found, list):
                found = found[int(name)]
            else:
                return None
        return found


def _called(call: Any, arguments: dict[str, Any]) -> tuple[int | None, Any]:
    """Return the status of an error, None if it was none, and the answer."""
    try:
        return None, call(**arguments).body
    except ApiError as error:
        return error.meta.status, error.body


def _match(found: Any, wanted: Any) -> None:
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        found = {name: found.get(name) for name in wanted}
    assert found == wanted


def _at_least(found: Any, wanted: Any) -> None:
    assert found >= wanted


def _has_length(found: Any, wanted: Any) -> None:
    assert len(found) == wanted


_FALSE = (None, False, "", 0)
_CHECKS: dict[str, Callable[[Any, Any], None]] = {"match": _match, "gte": _at_least, "length": _has_length}
