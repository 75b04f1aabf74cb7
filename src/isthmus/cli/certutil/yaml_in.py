"""YAML that a person wrote: one document, no double keys, no unknown keys, and errors that name file and line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from isthmus.errors import DataError


def load_yaml(data: bytes, where: str, *, example: str) -> Any:
    """Read one document; `example` is the command whose help shows one. Raises DataError that names the line."""
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


def check_keys(found: dict[Any, Any], known: Sequence[str], where: str) -> None:
    """Raise DataError for a key that is not among `known`."""
    for key in found:
        if key not in known:
            raise DataError(f"unknown key [{key}]", hint=f"known are {', '.join(known)}", where=where)
