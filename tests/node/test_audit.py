"""The audit log's file: what the settings say is in it, and what becomes of it when the disk or the writer fails."""

from __future__ import annotations

import json
import logging
import os
import stat
from pathlib import Path

import pytest

from isthmus.errors import ConfigError
from isthmus.node.audit import MAX_WAITING, AuditLog
from isthmus.node.log_format import Origin
from isthmus.settings import load

LOGFILE = "xpack.security.audit.logfile"
WHO = {"event.type": "rest", "event.action": "authentication_failed", "user.name": "jo"}


def audit_log(folder: Path, *settings: str) -> AuditLog:
    (folder / "isthmus.yml").write_text("path.logs: .\ncluster.name: c\n" + "\n".join(settings) + "\n")
    return AuditLog(load(folder, environ={}), Origin("c", "node-a", "id-a", "uuid-c"), lambda: ("host-a", "192.0.2.1"))


def lines(folder: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in (folder / "c_audit.json").read_text().splitlines()]


def test_lines_name_cluster_and_node_by_id_and_only_the_owner_reads_them(tmp_path: Path) -> None:
    audit = audit_log(tmp_path)
    audit.trail.tell(dict(WHO))
    audit.close()
    (line,) = lines(tmp_path)
    del line["timestamp"]
    assert line == {"type": "audit", "cluster.uuid": "uuid-c", "node.id": "id-a", **WHO}
    assert stat.S_IMODE((tmp_path / "c_audit.json").stat().st_mode) == 0o600


def test_what_a_line_says_of_the_node_is_set(tmp_path: Path) -> None:
    turned = {"cluster_name": "true", "cluster_uuid": "false", "node_name": "true", "node_id": "false"}
    turned |= {"node_host_name": "true", "node_host_address": "true"}
    audit = audit_log(tmp_path, *(f"{LOGFILE}.emit_{what}: {value}" for what, value in turned.items()))
    audit.trail.tell(dict(WHO))
    audit.close()
    (line,) = lines(tmp_path)
    told = [line.get(key) for key in ("cluster.name", "cluster.uuid", "node.name", "node.id", "host.name", "host.ip")]
    assert told == ["c", None, "node-a", None, "host-a", "192.0.2.1"]


@pytest.mark.parametrize(
    "setting",
    [
        f"{LOGFILE}.events.include: [access_denied]",
        f"{LOGFILE}.events.exclude: [authentication_failed]",
        f"{LOGFILE}.events.ignore_filters.mine.users: ['j*']",
        f"{LOGFILE}.events.ignore_filters.mine.indices: ['']",
    ],
)
def test_what_the_settings_leave_out_is_not_there(tmp_path: Path, setting: str) -> None:
    audit = audit_log(tmp_path, setting)
    audit.trail.tell(dict(WHO))
    audit.trail.tell(
        {**WHO, "event.type": "transport", "event.action": "access_denied", "indices": ["a"], "user.name": "x"}
    )
    audit.close()
    assert [line["event.action"] for line in lines(tmp_path)] == ["access_denied"]


def test_fields_of_one_filter_belong_together(tmp_path: Path) -> None:
    of = f"{LOGFILE}.events.ignore_filters.mine"
    audit = audit_log(tmp_path, f"{of}.users: [jo]", f"{of}.actions: ['cluster:*']")
    audit.trail.tell(dict(WHO))
    audit.close()
    assert len(lines(tmp_path)) == 1


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        (f"{LOGFILE}.events.include: [access_granned]", "access_granned"),
        (f"{LOGFILE}.events.include: [system_access_granted]", "system_access_granted"),
        (f"{LOGFILE}.events.ignore_filters.mine.users: ['/a(/']", "ignore_filters.mine.users"),
    ],
)
def test_what_cannot_be_is_refused_by_name(tmp_path: Path, setting: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        audit_log(tmp_path, setting)


def test_a_full_disk_is_told_once_in_the_nodes_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    audit = audit_log(tmp_path)
    with Path("/dev/full").open("wb") as full:
        stream = audit._file.stream
        assert stream is not None
        os.dup2(full.fileno(), stream.fileno())
    for _ in range(3):
        audit.trail.tell(dict(WHO))
    audit.close()
    (record,) = [one for one in caplog.records if one.levelno == logging.ERROR]
    assert "c_audit.json cannot be written" in record.message


def test_lines_that_come_too_fast_are_counted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    audit = audit_log(tmp_path)
    audit._listener.stop()
    for _ in range(MAX_WAITING + 5):
        audit.write("{}")
    audit._listener.start()
    audit._waiting.join()
    audit.write('{"last": true}')
    audit.close()
    assert len(lines(tmp_path)) == MAX_WAITING + 1
    assert [one.message for one in caplog.records][-1] == "5 events are missing in the audit log"
