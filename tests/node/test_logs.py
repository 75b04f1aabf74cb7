"""The node's log, in the file and on the terminal."""

from __future__ import annotations

import json
import logging
import os
import queue
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from isthmus.errors import ConfigError
from isthmus.node.log_file import LogFile
from isthmus.node.log_format import LineFormatter, Origin, ServerFormatter
from isthmus.node.logs import MAX_WAITING, LogContext, _Entrance, configure_logging

log = logging.getLogger("isthmus.test")
ORIGIN = Origin("c", "n")
DAY = 86400.0


@pytest.fixture
def context(tmp_path: Path) -> Iterator[LogContext]:
    context = configure_logging(tmp_path / "logs", "c", "n")
    yield context
    context.close()


def entries(tmp_path: Path) -> list[dict[str, Any]]:
    lines = (tmp_path / "logs" / "c_server.json").read_text().splitlines()
    return [json.loads(line) for line in lines]


def record(message: str = "m", *, created: float = 0.0, error: Exception | None = None) -> logging.LogRecord:
    exc_info = (type(error), error, None) if error is not None else None
    made = logging.LogRecord("isthmus.x", logging.WARNING, __file__, 1, message, None, exc_info)
    made.created, made.msecs = created, 7.0
    return made


def test_an_entry_has_the_names_of_elasticsearchs_server_log(tmp_path: Path, context: LogContext) -> None:
    context.set_node_id("id-1")
    context.set_cluster_uuid("uuid-1")
    log.warning("seen %s", "ä")
    context.close()
    (entry,) = entries(tmp_path)
    assert entry.pop("@timestamp").endswith("Z")
    assert entry == {
        "log.level": "WARN",
        "message": "seen ä",
        "ecs.version": "1.2.0",
        "service.name": "ES_ECS",
        "event.dataset": "elasticsearch.server",
        "process.thread.name": "MainThread",
        "log.logger": "isthmus.test",
        "elasticsearch.cluster.uuid": "uuid-1",
        "elasticsearch.cluster.name": "c",
        "elasticsearch.node.id": "id-1",
        "elasticsearch.node.name": "n",
    }


def test_what_is_not_known_yet_is_left_out(tmp_path: Path, context: LogContext) -> None:
    context.set_cluster_uuid("")
    log.info("early")
    context.close()
    (entry,) = entries(tmp_path)
    assert not {"elasticsearch.node.id", "elasticsearch.cluster.uuid", "error.type"} & set(entry)


def test_stack_traces_go_to_the_file_alone(
    tmp_path: Path, context: LogContext, capsys: pytest.CaptureFixture[str]
) -> None:
    context.close()
    context = configure_logging(tmp_path / "logs", "c", "n")
    try:
        raise ConfigError("wrong", hint="mend it") from OSError("deeper")
    except ConfigError:
        log.exception("it failed")
    context.close()
    (entry,) = entries(tmp_path)
    assert entry["error.type"] == "isthmus.errors.ConfigError"
    assert entry["error.message"] == "wrong (mend it)"
    assert "OSError: deeper" in entry["error.stack_trace"]
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith("[ERROR][isthmus.test] [n] it failed: wrong (mend it)")


def test_own_entries_are_told_from_info_on_and_those_of_libraries_from_warning_on(
    tmp_path: Path, context: LogContext
) -> None:
    log.debug("own debug")
    log.info("own info")
    logging.getLogger("aiohttp.access").info("library info")
    logging.getLogger("asyncio").warning("library warning")
    context.close()
    assert [entry["message"] for entry in entries(tmp_path)] == ["own info", "library warning"]


def test_the_message_is_that_of_the_moment_it_was_logged(tmp_path: Path, context: LogContext) -> None:
    changing = ["before"]
    log.info("%s", changing)
    changing[0] = "after"
    context.close()
    assert entries(tmp_path)[0]["message"] == "['before']"


def test_entries_of_many_threads_stay_whole(tmp_path: Path, context: LogContext) -> None:
    def write() -> None:
        for _ in range(50):
            log.info("x" * 500)

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    context.close()
    assert len(entries(tmp_path)) == 400


def test_a_closed_log_is_out_of_the_way(tmp_path: Path, context: LogContext) -> None:
    context.close()
    context.close()
    log.warning("afterwards")
    assert entries(tmp_path) == []
    assert log.getEffectiveLevel() == logging.WARNING


def test_the_file_is_its_owners_alone(tmp_path: Path, context: LogContext) -> None:
    path = tmp_path / "logs" / "c_server.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    context.close()
    path.chmod(0o644)
    configure_logging(tmp_path / "logs", "c", "n").close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match=r"path\.logs .*/file/logs"):
        configure_logging(tmp_path / "file" / "logs", "c", "n")


def test_a_line_cannot_steer_the_terminal_or_feign_another() -> None:
    line = LineFormatter(ORIGIN).format(record("a\x1b[2J\r\n[INFO] feigned\u2028b", error=ValueError("c\nd")))
    assert line == (
        "[1970-01-01T00:00:00,007][WARN ][isthmus.x] [n] a\N{REPLACEMENT CHARACTER}[2J / [INFO] feigned / b: c / d"
    )


def test_an_error_without_words_is_told_by_its_name() -> None:
    assert LineFormatter(ORIGIN).format(record("m", error=TimeoutError())).endswith("m: TimeoutError")


def test_a_broken_letter_does_not_break_the_file(tmp_path: Path) -> None:
    file = LogFile(tmp_path / "c_server.json")
    file.setFormatter(ServerFormatter(ORIGIN))
    file.handle(record("a\udc80b\n"))
    file.close()
    (line,) = (tmp_path / "c_server.json").read_text().splitlines()
    assert json.loads(line)["message"] == "a\udc80b\n"


def test_each_day_has_its_file(tmp_path: Path) -> None:
    path = tmp_path / "c_server.json"
    file = LogFile(path)
    now = path.stat().st_mtime
    file.handle(record("today", created=now))
    file.handle(record("tomorrow", created=now + DAY))
    file.close()
    assert path.read_text() == "tomorrow\n"
    (old,) = tmp_path.glob("c_server-????-??-??-1.json")
    assert old.read_text() == "today\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_full_file_is_put_aside_and_the_oldest_removed(tmp_path: Path) -> None:
    file = LogFile(tmp_path / "c_server.json", max_bytes=10, max_total_bytes=25)
    for number in range(6):
        file.handle(record(f"entry-{number:04}", created=(tmp_path / "c_server.json").stat().st_mtime))
    file.close()
    old = sorted(path.read_text().strip() for path in tmp_path.glob("c_server-*"))
    assert old == ["entry-0003", "entry-0004"]
    assert (tmp_path / "c_server.json").read_text() == "entry-0005\n"


def test_a_disk_that_fails_is_told_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "c_server.json"
    file = LogFile(path)
    with Path("/dev/full").open("wb") as full:
        assert file.stream is not None
        os.dup2(full.fileno(), file.stream.fileno())
    for _ in range(3):
        file.handle(record())
    file.close()
    (line,) = capsys.readouterr().err.splitlines()
    assert "No space left" in line


def test_a_writer_that_falls_behind_loses_entries_and_says_so() -> None:
    waiting: queue.Queue[Any] = queue.Queue(MAX_WAITING)
    entrance = _Entrance(waiting)
    for _ in range(MAX_WAITING + 5):
        entrance.handle(record())
    for _ in range(10):
        waiting.get_nowait()
    entrance.handle(record("last"))
    written = [waiting.get_nowait().getMessage() for _ in range(waiting.qsize())]
    assert written[-2:] == ["5 log entries were lost: they came faster than they could be written", "last"]
