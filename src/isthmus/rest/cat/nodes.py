"""`GET /_cat/nodes`: a line a member.

The names are Elasticsearch's. Heap and JDK are of a Java process: they are not known here and show `-`. What a member
does not report, because it did not answer or its machine does not tell, shows `-` too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from isthmus.rest.answers import Answer
from isthmus.rest.cat.table import PARAMETERS as TABLE_PARAMETERS
from isthmus.rest.cat.table import Cell, Column, Table
from isthmus.rest.routing import Request
from isthmus.rest.units import Duration, Size
from isthmus.rest.view import MemberView, NodeReport, NodeView
from isthmus.wire.nodes import ROLES

PARAMETERS = (*TABLE_PARAMETERS, "full_id")
SHORT_ID = 4
V = TypeVar("V")


@dataclass(frozen=True)
class _Row:
    member: MemberView
    report: NodeReport | None
    is_master: bool
    full_id: bool


async def nodes(view: NodeView, request: Request) -> Answer:
    """Answer the members as a table."""
    table = Table(_COLUMNS, request.parameters)
    full_id = request.parameters.boolean("full_id")
    members = view.members()
    reports = await view.reports([member.id for member in members]) if table.needs_measures else {}
    master = view.master_id()
    rows = [_Row(one, _report(reports.get(one.id)), one.id == master, full_id) for one in members]
    return table.render(rows, request.kind)


def role_letters(member: MemberView) -> str:
    """Return the roles as their letters in alphabetical order; `-` for a node that only coordinates."""
    return "".join(sorted(ROLES[role].abbreviation for role in member.roles if role in ROLES)) or "-"


def _report(found: NodeReport | str | None) -> NodeReport | None:
    return found if isinstance(found, NodeReport) else None


def _measured(get: Callable[[NodeReport], Cell]) -> Callable[[_Row], Cell]:
    return lambda row: None if row.report is None else get(row.report)


def _of(value: V | None, make: Callable[[V], Cell]) -> Cell:
    return None if value is None else make(value)


def _both(part: int | None, whole: int | None, make: Callable[[int, int], Cell]) -> Cell:
    return None if part is None or not whole else make(part, whole)


def _percent(part: int, whole: int) -> int:
    return round(100 * part / whole)


def _load(at: int) -> Callable[[NodeReport], Cell]:
    return lambda report: None if report.load is None else report.load[at]


def _disk_used(report: NodeReport) -> Cell:
    return _both(report.disk_available, report.disk_total, lambda available, total: Size(total - available))


def _disk_used_percent(report: NodeReport) -> Cell:
    return _both(report.disk_available, report.disk_total, lambda available, total: 100 * (1 - available / total))


def _known(name: str, aliases: str, text: str, get: Callable[[_Row], Cell], *, shown: bool = False) -> Column[_Row]:
    return Column(name, tuple(aliases.split(",")), text, get, shown=shown)


def _asked(
    name: str, aliases: str, text: str, get: Callable[[NodeReport], Cell], *, shown: bool = False
) -> Column[_Row]:
    names = tuple(aliases.split(","))
    return Column(name, names, text, _measured(get), shown=shown, right=True, measured=True)


def _foreign(name: str, aliases: str, text: str, *, shown: bool = False) -> Column[_Row]:
    help_text = f"{text}: not known here"
    return Column(name, tuple(aliases.split(",")), help_text, lambda _row: None, shown=shown, right=True)


_COLUMNS: tuple[Column[_Row], ...] = (
    _known("id", "nodeId", "unique node id", lambda row: row.member.id[: None if row.full_id else SHORT_ID]),
    _asked("pid", "p", "process id", lambda report: report.pid),
    _known("ip", "i", "ip address", lambda row: row.member.ip, shown=True),
    _known("port", "po", "published transport port", lambda row: row.member.transport_address.rpartition(":")[2]),
    _known("http_address", "http", "published http address", lambda row: row.member.http_address),
    _known("version", "v", "version", lambda row: row.member.version),
    _known("build", "b", "build hash", lambda row: row.member.build_hash),
    _foreign("flavor", "f", "distribution flavor"),
    _foreign("type", "t", "distribution type"),
    _foreign("jdk", "j", "jdk version"),
    _asked("disk.total", "dt,diskTotal", "disk space of path.data", lambda report: _of(report.disk_total, Size)),
    _asked("disk.used", "du,diskUsed", "used disk space", _disk_used),
    _asked("disk.avail", "d,da,disk,diskAvail", "available disk space", lambda r: _of(r.disk_available, Size)),
    _asked("disk.used_percent", "dup,diskUsedPercent", "used disk space, percent", _disk_used_percent),
    _foreign("heap.current", "hc,heapCurrent", "used heap"),
    _foreign("heap.percent", "hp,heapPercent", "used heap ratio", shown=True),
    _foreign("heap.max", "hm,heapMax", "max configured heap"),
    _asked("ram.current", "rc,ramCurrent", "used memory of the machine", lambda report: _of(report.ram_used, Size)),
    _asked(
        "ram.percent",
        "rp,ramPercent",
        "used memory of the machine, percent",
        lambda report: _both(report.ram_used, report.ram_total, _percent),
        shown=True,
    ),
    _asked("ram.max", "rm,ramMax", "memory of the machine", lambda report: _of(report.ram_total, Size)),
    _asked("process.rss", "rss", "memory of the node's process", lambda report: _of(report.rss, Size)),
    _asked("file_desc.current", "fdc,fileDescriptorCurrent", "open file descriptors", lambda r: r.files_open),
    _asked(
        "file_desc.percent",
        "fdp,fileDescriptorPercent",
        "open file descriptors, percent",
        lambda report: _both(report.files_open, report.files_max, _percent),
    ),
    _asked("file_desc.max", "fdm,fileDescriptorMax", "most file descriptors", lambda report: report.files_max),
    _asked("cpu", "c", "recent use of the machine's processors, percent", lambda r: r.cpu_percent, shown=True),
    _asked("load_1m", "l", "load average of 1 minute", _load(0), shown=True),
    _asked("load_5m", "l5", "load average of 5 minutes", _load(1), shown=True),
    _asked("load_15m", "l15", "load average of 15 minutes", _load(2), shown=True),
    _asked("uptime", "u", "time since the node started", lambda report: Duration(report.uptime)),
    _known(
        "node.role",
        "r,role,nodeRole",
        "a letter a role; -: only coordinates",
        lambda r: role_letters(r.member),
        shown=True,
    ),
    _known("master", "m", "*: owns the cluster's state", lambda row: "*" if row.is_master else "-", shown=True),
    _known("name", "n", "node name", lambda row: row.member.name, shown=True),
)
