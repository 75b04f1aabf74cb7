"""YAML that a person wrote: one document, no double keys, no unknown keys, and errors that name file and line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from isthmus.errors import DataError

MAX_DEPTH = 50


def load_yaml(data: bytes, where: str, *, example: str) -> Any:
    """Read one document; `example` is the command whose help shows one. Raises DataError that names the line."""
    if _depth(data) > MAX_DEPTH:
        raise DataError(f"is nested deeper than {MAX_DEPTH} levels", hint=f"see '{example} --help'", where=where)
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        return YAML(typ="safe", pure=True).load(data)
    except MarkedYAMLError as cause:
        line = f":{cause.problem_mark.line + 1}" if cause.problem_mark else ""
        problem = (cause.problem or "not YAML").splitlines()[0][:200]
        raise DataError(f"is not valid YAML: {problem}", hint="mend the line", where=f"{where}{line}") from cause
    except (YAMLError, ValueError, RecursionError) as cause:
        raise DataError("is not valid YAML", hint=f"see the example in '{example} --help'", where=where) from cause


def _depth(data: bytes) -> int:
    """How deep brackets nest, counted before the parser, which takes minutes over a hundred thousand of them."""
    deepest = depth = 0
    for byte in data:
        if byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"]}":
            depth -= 1
    return deepest


def check_keys(found: dict[Any, Any], known: Sequence[str], where: str) -> None:
    """Raise DataError for a key that is not among `known`."""
    for key in found:
        if key not in known:
            raise DataError(f"unknown key [{key}]", hint=f"known are {', '.join(known)}", where=where)
