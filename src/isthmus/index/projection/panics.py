"""The last guard: a panic in Tantivy becomes an error that is told, and its cause goes to the log."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from isthmus.errors import IsthmusError

log = logging.getLogger(__name__)


class SearchEngineError(IsthmusError):
    """Tantivy failed at something that should have been refused before."""

    type = "search_phase_execution_exception"
    status = 500


@contextmanager
def guarded(where: str) -> Iterator[None]:
    """Turn a panic of what is done here into SearchEngineError. `where` is the index."""
    try:
        yield
    except Exception:
        raise
    except BaseException as panic:
        # pyo3 gives its panics a class that cannot be imported, outside of Exception.
        if type(panic).__name__ != "PanicException":
            raise
        log.error("[%s] Tantivy panicked: %s", where, panic)
        raise SearchEngineError("the search engine failed at this request", where=where) from panic
