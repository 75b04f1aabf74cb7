"""Elasticsearch's registry of exceptions: the name of each id, its status, and the fields that only it has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from isthmus.wire.errors import MalformedError
from isthmus.wire.primitives import Reader
from isthmus.wire.statuses import read_status

# ids that are missing here were retired before the version that this node speaks
_NAMES: dict[int, str] = {
    0: "index_shard_snapshot_failed",
    1: "dfs_phase_execution",
    2: "execution_cancelled",
    3: "master_not_discovered",
    4: "security",
    5: "index_shard_restore",
    6: "index_closed",
    7: "bind_http",
    8: "reduce_search_phase",
    9: "node_closed",
    11: "shard_not_found",
    12: "connect_transport",
    13: "not_serializable_transport",
    14: "response_handler_failure_transport",
    15: "index_creation",
    16: "index_not_found",
    17: "illegal_shard_routing_state",
    18: "broadcast_shard_operation_failed",
    19: "resource_not_found",
    20: "action_transport",
    21: "generation",
    23: "index_shard_started",
    24: "search_context_missing",
    25: "general_script",
    27: "snapshot_creation",
    29: "document_missing",
    30: "snapshot",
    31: "invalid_alias_name",
    32: "invalid_index_name",
    33: "index_primary_shard_not_allocated",
    34: "transport",
    35: "parse",
    36: "search",
    37: "mapper",
    38: "invalid_type_name",
    39: "snapshot_restore",
    40: "parsing",
    41: "index_shard_closed",
    42: "recover_files_recovery",
    43: "truncated_translog",
    44: "recovery_failed",
    45: "index_shard_relocated",
    48: "translog_corrupted",
    49: "cluster_block",
    50: "fetch_phase_execution",
    52: "version_conflict_engine",
    53: "engine",
    55: "no_such_node",
    56: "settings",
    57: "index_template_missing",
    58: "send_request_transport",
    62: "not_serializable_exception_wrapper",
    63: "alias_filter_parsing",
    66: "index_shard_not_recovering",
    67: "http",
    69: "snapshot_missing",
    70: "primary_missing_action",
    71: "failed_node",
    73: "concurrent_snapshot_execution",
    74: "blob_store",
    75: "incompatible_cluster_state_version",
    76: "recovery_engine",
    77: "uncategorized_execution",
    78: "timestamp_parsing",
    79: "routing_missing",
    81: "index_shard_restore_failed",
    82: "repository",
    83: "receive_timeout_transport",
    84: "node_disconnected",
    86: "aggregation_execution",
    88: "invalid_index_template",
    90: "refresh_failed_engine",
    91: "aggregation_initialization",
    92: "delay_recovery",
    94: "no_node_available",
    96: "invalid_snapshot_name",
    97: "illegal_index_shard_state",
    98: "index_shard_snapshot",
    99: "index_shard_not_started",
    100: "search_phase_execution",
    101: "action_not_found_transport",
    102: "transport_serialization",
    103: "remote_transport",
    104: "engine_creation_failure",
    105: "routing",
    106: "index_shard_recovery",
    107: "repository_missing",
    109: "document_source_missing",
    111: "no_class_settings",
    112: "bind_transport",
    113: "aliases_not_found",
    114: "index_shard_recovering",
    115: "translog",
    116: "process_cluster_event_timeout",
    117: "retry_on_primary",
    118: "timeout",
    119: "query_phase_execution",
    120: "repository_verification",
    121: "invalid_aggregation_path",
    123: "resource_already_exists",
    125: "http_request_on_transport",
    126: "mapper_parsing",
    128: "search_source_builder",
    130: "no_shard_available_action",
    131: "unavailable_shards",
    132: "flush_failed_engine",
    133: "circuit_breaking",
    134: "node_not_connected",
    135: "strict_dynamic_mapping",
    136: "retry_on_replica",
    137: "type_missing",
    140: "failed_to_commit_cluster_state",
    141: "query_shard",
    142: "no_longer_primary_shard",
    143: "script",
    144: "not_master",
    145: "status",
    146: "task_cancelled",
    147: "shard_lock_obtain_failed",
    149: "too_many_buckets",
    150: "coordination_state_rejected",
    151: "snapshot_in_progress",
    152: "no_such_remote_cluster",
    153: "retention_lease_already_exists",
    154: "retention_lease_not_found",
    155: "shard_not_in_primary_mode",
    156: "retention_lease_invalid_retaining_seq_no",
    157: "ingest_processor",
    159: "node_health_check_failure",
    160: "no_seed_node_left",
    161: "version_mismatch",
    163: "repository_conflict",
    164: "version_conflict",
    165: "snapshot_name_already_in_use",
    166: "health_node_not_discovered",
    168: "document_parsing",
    169: "http_headers_validation",
    170: "role_restriction",
    171: "api_not_available",
}

IDS: dict[int, str] = {number: f"{name}_exception" for number, name in _NAMES.items()} | {
    62: "not_serializable_exception_wrapper",
    68: "exception",
    158: "peer_recovery_not_found",
    162: "authentication_processing_error",
    167: "unsupported_aggregation_on_downsampled_index",
    # later than the list of names that this table was made from: common layout, told by number
    **{number: f"exception_{number}" for number in range(172, 185)},
}

WRAPPERS = frozenset({IDS[103], IDS[58], IDS[18], IDS[42]})

STATUSES: dict[int, int] = {
    **dict.fromkeys((16, 19, 29, 69, 107, 109, 113), 404),
    **dict.fromkeys((31, 32, 35, 38, 40, 79, 88, 96, 101, 121, 123, 126, 135, 141, 143, 146, 168), 400),
    **dict.fromkeys((3, 49, 116, 130, 131, 140, 144), 503),
    52: 409,
    133: 429,
    149: 503,
}

ReadCause = Callable[[], Any]
Details = dict[str, Any]


def read_details(reader: Reader, number: int, read_cause: ReadCause) -> Details:
    """Read what only the exception with this id has; `read_cause` reads an exception inside it.

    Raises MalformedError, also for id 17, whose layout is not supported.
    """
    if number in (100, 8):
        return {"phase": reader.optional(reader.string), "failures": _shard_failures(reader, read_cause)}
    read = _DETAILS.get(number)
    return read(reader) if read is not None else {}


def _shard_failures(reader: Reader, read_cause: ReadCause) -> list[Details]:
    return reader.list_of(
        lambda: {
            "shard": reader.optional(lambda: _shard_target(reader)),
            "reason": reader.string(),
            "status": read_status(reader),
            "cause": read_cause(),
        }
    )


def _shard_target(reader: Reader) -> Details:
    return {
        "node": reader.optional(reader.text),
        "index": reader.string(),
        "index_uuid": reader.string(),
        "shard": reader.vint(),
        "cluster": reader.optional(reader.string),
    }


def _status(reader: Reader) -> Details:
    return {"status": read_status(reader)}


def _named(reader: Reader) -> Details:
    return {"type": reader.string(), "status": read_status(reader)}


def _search(reader: Reader) -> Details:
    return {"shard": reader.optional(lambda: _shard_target(reader))}


def _shard_state(reader: Reader) -> Details:
    return {"state": reader.u8()}


def _snapshot(reader: Reader) -> Details:
    return {"repository": reader.optional(reader.string), "snapshot": reader.optional(reader.string)}


def _optional_string(name: str) -> Callable[[Reader], Details]:
    return lambda reader: {name: reader.optional(reader.string)}


def _cluster_block(reader: Reader) -> Details:
    return {
        "id": reader.vint(),
        "uuid": reader.optional(reader.string),
        "description": reader.string(),
        "levels": reader.list_of(reader.vint),
        "retryable": reader.boolean(),
        "disable_state_persistence": reader.boolean(),
        "status": read_status(reader),
        "allow_release_resources": reader.boolean(),
    }


def _script(reader: Reader) -> Details:
    return {
        "script_stack": reader.list_of(reader.string),
        "script": reader.string(),
        "lang": reader.string(),
        "position": reader.optional(lambda: (reader.i32(), reader.i32(), reader.i32())),
    }


def _circuit_breaking(reader: Reader) -> Details:
    return {"bytes_wanted": reader.i64(), "bytes_limit": reader.i64(), "durability": reader.vint()}


def _context_missing(reader: Reader) -> Details:
    return {"id": reader.i64(), "session": reader.string(), "searcher": reader.optional(reader.string)}


def _recover_files(reader: Reader) -> Details:
    return {"files": reader.i32(), "size": reader.zlong(), "unit": reader.vint()}


def _shard_routing(_reader: Reader) -> Details:
    raise MalformedError("an exception holds the routing of a shard, which is not supported (id 17)")


_DETAILS: dict[int, Callable[[Reader], Details]] = {
    **dict.fromkeys((4, 145, 162, 170), _status),
    62: _named,
    **dict.fromkeys((1, 36, 50, 119, 176), _search),
    40: lambda reader: {"line": reader.i32(), "col": reader.i32()},
    101: _optional_string("action"),
    143: _script,
    133: _circuit_breaking,
    71: _optional_string("node_id"),
    55: _optional_string("node_id"),
    24: _context_missing,
    **dict.fromkeys((97, 23, 41, 45, 66, 99, 114, 155), _shard_state),
    49: lambda reader: {"blocks": reader.list_of(lambda: _cluster_block(reader))},
    **dict.fromkeys((30, 39, 69, 73, 96, 165), _snapshot),
    **dict.fromkeys((82, 107, 120), _optional_string("repository")),
    149: lambda reader: {"max_buckets": reader.i32()},
    42: _recover_files,
    76: lambda reader: {"phase": reader.i32()},
    57: _optional_string("name"),
    78: _optional_string("timestamp"),
    88: _optional_string("name"),
    79: lambda reader: {"id": reader.string()},
    183: lambda reader: {"state": reader.u8()},
    17: _shard_routing,
}
