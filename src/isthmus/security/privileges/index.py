"""The privileges over indices, from least to most (those that imply fewer others come first).

`create_doc` grants to index as such; that a document may only be made, not replaced, is asked per document, as the
action `indices:data/write/index:op_type/create` or `…:op_type/index`. The privileges over failure stores are known and
grant nothing: there are no failure stores here.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/security-privileges.html
"""

from __future__ import annotations

from typing import Final

_MONITOR: Final = ("indices:monitor/*",)
_RESOLVE: Final = ("indices:admin/resolve/cluster", "indices:admin/resolve/index")
_SEARCH_SHARDS: Final = ("indices:admin/search/search_shards", "indices:admin/shards/search_shards")

INDEX: Final[dict[str, tuple[str, ...]]] = {
    "manage_failure_store": (),
    "read_failure_store": (),
    "none": (),
    "create_doc": (
        "indices:data/write/bulk*",
        "indices:data/write/index",
        "indices:data/write/index:op_type/create",
        "indices:data/write/index[*",
        "indices:data/write/simulate/bulk*",
    ),
    "create": ("indices:data/write/bulk*", "indices:data/write/index*", "indices:data/write/simulate/bulk*"),
    "auto_configure": ("indices:admin/auto_create", "indices:admin/mapping/auto_put"),
    "create_index": ("indices:admin/auto_create", "indices:admin/create", "indices:admin/data_stream/create"),
    "delete": ("indices:data/write/bulk*", "indices:data/write/delete*"),
    "delete_index": ("indices:admin/data_stream/delete", "indices:admin/delete"),
    "index": (
        "indices:data/write/bulk*",
        "indices:data/write/index*",
        "indices:data/write/simulate/bulk*",
        "indices:data/write/update*",
    ),
    "maintenance": (
        "indices:admin/flush*",
        "indices:admin/forcemerge*",
        "indices:admin/refresh*",
        "indices:admin/synced_flush",
    ),
    "manage_data_stream_lifecycle": ("indices:admin/data_stream/lifecycle/*",),
    "manage_follow_index": (
        "indices:admin/close*",
        "indices:admin/data_stream/promote",
        "indices:admin/rollover",
        "indices:admin/xpack/ccr/put_follow",
        "indices:admin/xpack/ccr/unfollow",
    ),
    "manage_ilm": ("indices:admin/ilm/*",),
    "manage_leader_index": ("indices:admin/xpack/ccr/forget_follower*",),
    "monitor": _MONITOR,
    "view_index_metadata": (
        "indices:admin/aliases/get",
        "indices:admin/data_stream/get",
        "indices:admin/data_stream/lifecycle/explain",
        "indices:admin/data_stream/lifecycle/get",
        "indices:admin/get",
        "indices:admin/get/metering/stats",
        "indices:admin/ilm/explain",
        "indices:admin/mappings/fields/get*",
        "indices:admin/mappings/get",
        *_RESOLVE,
        *_SEARCH_SHARDS,
        "indices:admin/validate/query*",
        "indices:data/read/field_caps*",
        "indices:data/read/xpack/rollup/get/index/caps*",
        "indices:monitor/get/metering/stats",
        "indices:monitor/settings/get",
        "indices:monitor/transform/checkpoint*",
    ),
    "cross_cluster_replication": (
        "indices:admin/seq_no/add_retention_lease*",
        "indices:admin/seq_no/remove_retention_lease*",
        "indices:admin/seq_no/renew_retention_lease*",
        "indices:data/read/xpack/ccr/shard_changes*",
        "indices:monitor/stats*",
    ),
    "cross_cluster_replication_internal": (
        "indices:internal/admin/ccr/restore/file_chunk/get*",
        "indices:internal/admin/ccr/restore/session/clear*",
        "indices:internal/admin/ccr/restore/session/put*",
        "internal:transport/proxy/indices:internal/admin/ccr/restore/file_chunk/get*",
        "internal:transport/proxy/indices:internal/admin/ccr/restore/session/clear*",
    ),
    "manage": (
        *_MONITOR,
        "indices:admin/*",
        "indices:data/read/field_caps*",
        "indices:data/read/xpack/rollup/get/index/caps*",
    ),
    "read": (*_RESOLVE, "indices:data/read/*"),
    "read_cross_cluster": (
        *_SEARCH_SHARDS,
        "indices:admin/resolve/cluster",
        "indices:data/read/esql",
        "indices:data/read/esql/compute",
        "internal:transport/proxy/indices:data/read/*",
    ),
    "write": ("indices:admin/mapping/auto_put", "indices:data/write/*"),
    "all": ("indices:*", "internal:transport/proxy/indices:*"),
}
