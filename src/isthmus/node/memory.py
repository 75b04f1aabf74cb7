"""How this process takes its memory from the system."""

from __future__ import annotations

import ctypes
import gc
import logging

log = logging.getLogger(__name__)

M_ARENA_MAX = -8
ARENAS = 2


def share_arenas() -> None:
    """Have all threads take memory from a few arenas, where the C library is glibc.

    By default each thread has an arena of its own that gives nothing back; Tantivy and SQLite work in many threads.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        log.debug("the C library has no mallopt; its arenas are left as they are")
        return
    mallopt(M_ARENA_MAX, ARENAS)


def keep_what_started() -> None:
    """Take the objects that a node has once it runs out of the search for garbage: nearly all of them stay.

    A full search stops whatever request makes the object that begins it: those with 1,000 hits above all.
    """
    gc.collect()
    gc.freeze()
