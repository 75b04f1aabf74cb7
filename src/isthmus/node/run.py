"""A node as a process: from its settings to its end by SIGTERM or SIGINT; SIGHUP reloads its certificates."""

from __future__ import annotations

import asyncio
import logging
import resource
import signal
from typing import TextIO

import uvloop

from isthmus.node.logs import LogContext, configure_logging
from isthmus.node.memory import keep_what_started, share_arenas
from isthmus.node.node import Node
from isthmus.settings import Settings, node_settings

log = logging.getLogger(__name__)


def run(settings: Settings, terminal: TextIO) -> None:
    """Run a node until it is told to end. Raises what its settings, its files or its addresses have wrong."""
    logs = configure_logging(
        settings.resolve(settings.get(node_settings.PATH_LOGS)),
        settings.get(node_settings.CLUSTER_NAME),
        settings.get(node_settings.NODE_NAME),
    )
    logging.captureWarnings(capture=True)
    raise_file_limit()
    share_arenas()
    try:
        uvloop.run(_live(settings, logs, terminal))
    except Exception as error:
        log.error("the node ends: %s", error, exc_info=error.__cause__)
        raise
    finally:
        logs.close()


def raise_file_limit() -> None:
    """Let this process open as many files as the system grants it, as the JVM does for Elasticsearch.

    The usual 1,024 are fewer than the connections that clients may hold, who could then keep other nodes out.
    """
    granted, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if granted == most:
        return
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    except (OSError, ValueError) as error:
        log.warning("at most %d files can be open: %s", granted, error)


async def _live(settings: Settings, logs: LogContext, terminal: TextIO) -> None:
    told_to_end = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, told_to_end.set)
    node = Node(settings, logs, terminal)
    loop.add_signal_handler(signal.SIGHUP, node.reload_soon)
    try:
        await node.start()
        keep_what_started()
        await told_to_end.wait()
    finally:
        await node.stop()
