"""The privileges over the cluster, from least to most (those that imply fewer others come first).

A privilege is the patterns of the actions that it grants, and of those that it does not. Names of features that are
not served here are known too: roles and API keys that were made for Elasticsearch name them.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/security-privileges.html
"""

from __future__ import annotations

from typing import Final

MANAGE_OWN_API_KEY: Final = "manage_own_api_key"
"""Grants OWN_API_KEY to whoever asks of keys of his own."""

OWN_API_KEY: Final = (
    "cluster:admin/xpack/security/api_key/bulk_update",
    "cluster:admin/xpack/security/api_key/create",
    "cluster:admin/xpack/security/api_key/get",
    "cluster:admin/xpack/security/api_key/invalidate",
    "cluster:admin/xpack/security/api_key/query",
    "cluster:admin/xpack/security/api_key/update",
)

ALWAYS_OWN_API_KEY: Final = frozenset(
    f"cluster:admin/xpack/security/api_key/{what}" for what in ("bulk_update", "create", "update")
)
"""Actions that never touch keys of others."""

CLUSTER: Final[dict[str, tuple[str, ...]]] = {
    MANAGE_OWN_API_KEY: (),
    "manage_data_stream_global_retention": (),
    "monitor_data_stream_global_retention": (),
    "none": (),
    "cancel_task": ("cluster:admin/tasks/cancel*",),
    "cross_cluster_replication": (
        "cluster:internal/admin/tasks/ban",
        "cluster:internal/admin/tasks/cancel_child",
        "cluster:internal/remote_cluster/handshake",
        "cluster:internal/remote_cluster/nodes",
        "cluster:monitor/state",
        "cluster:monitor/xpack/info",
    ),
    "cross_cluster_search": (
        "cluster:internal/admin/tasks/ban",
        "cluster:internal/admin/tasks/cancel_child",
        "cluster:internal/remote_cluster/handshake",
        "cluster:internal/remote_cluster/nodes",
        "cluster:internal:data/read/esql/exchange",
        "cluster:internal:data/read/esql/open_exchange",
        "cluster:monitor/stats",
        "cluster:monitor/stats/remote",
        "cluster:monitor/stats[n]",
        "cluster:monitor/xpack/enrich/esql/resolve_policy",
        "cluster:monitor/xpack/info",
    ),
    "delegate_pki": (
        "cluster:admin/xpack/security/delegate_pki",
        "cluster:admin/xpack/security/token/invalidate",
    ),
    "grant_api_key": ("cluster:admin/xpack/security/api_key/grant*",),
    "manage_autoscaling": ("cluster:admin/autoscaling/*",),
    "manage_index_templates": (
        "cluster:admin/component_template/*",
        "indices:admin/index_template/*",
        "indices:admin/template/*",
    ),
    "manage_logstash_pipelines": ("cluster:admin/logstash/pipeline/*",),
    "manage_oidc": ("cluster:admin/xpack/security/oidc/*",),
    "manage_saml": (
        "cluster:admin/xpack/security/saml/*",
        "cluster:admin/xpack/security/token/invalidate",
        "cluster:admin/xpack/security/token/refresh",
        "cluster:monitor/xpack/security/saml/metadata",
    ),
    "manage_search_application": ("cluster:admin/xpack/application/search_application/*",),
    "manage_search_query_rules": ("cluster:admin/xpack/query_rules/*",),
    "manage_search_synonyms": (
        "cluster:admin/synonym_rules/*",
        "cluster:admin/synonyms/*",
        "cluster:admin/synonyms_sets/*",
    ),
    "manage_service_account": ("cluster:admin/xpack/security/service_account/*",),
    "manage_token": ("cluster:admin/xpack/security/token/*",),
    "manage_user_profile": ("cluster:admin/xpack/security/profile/*",),
    "monitor_connector": (
        "cluster:admin/xpack/connector/get",
        "cluster:admin/xpack/connector/list",
        "cluster:admin/xpack/connector/sync_job/get",
        "cluster:admin/xpack/connector/sync_job/list",
    ),
    "monitor_enrich": (
        "cluster:admin/xpack/enrich/get",
        "cluster:monitor/xpack/enrich/*",
    ),
    "monitor_inference": (
        "cluster:monitor/xpack/inference*",
        "cluster:monitor/xpack/ml/trained_models/deployment/infer",
    ),
    "monitor_ml": ("cluster:monitor/xpack/ml/*",),
    "monitor_rollup": ("cluster:monitor/xpack/rollup/*",),
    "monitor_snapshot": (
        "cluster:admin/repository/get",
        "cluster:admin/snapshot/get",
        "cluster:admin/snapshot/status*",
    ),
    "monitor_stats": ("cluster:monitor/stats*",),
    "monitor_text_structure": ("cluster:monitor/text_structure/*",),
    "monitor_watcher": ("cluster:monitor/xpack/watcher/*",),
    "post_behavioral_analytics_event": ("cluster:admin/xpack/application/analytics/post_event",),
    "read_ccr": (
        "cluster:admin/xpack/security/user/has_privileges",
        "cluster:monitor/state",
    ),
    "read_connector_secrets": ("cluster:admin/xpack/connector/secret/get",),
    "read_fleet_secrets": ("cluster:admin/fleet/secrets/get",),
    "read_ilm": (
        "cluster:admin/ilm/get",
        "cluster:admin/ilm/operation_mode/get",
    ),
    "read_pipeline": (
        "cluster:admin/ingest/pipeline/get",
        "cluster:admin/ingest/pipeline/simulate",
    ),
    "read_security": (
        "cluster:admin/xpack/security/api_key/get",
        "cluster:admin/xpack/security/api_key/query",
        "cluster:admin/xpack/security/privilege/builtin/get",
        "cluster:admin/xpack/security/privilege/get",
        "cluster:admin/xpack/security/profile/get",
        "cluster:admin/xpack/security/profile/has_privileges",
        "cluster:admin/xpack/security/profile/suggest",
        "cluster:admin/xpack/security/role/get",
        "cluster:admin/xpack/security/role/query",
        "cluster:admin/xpack/security/role_mapping/get",
        "cluster:admin/xpack/security/service_account/credential/get*",
        "cluster:admin/xpack/security/service_account/get",
        "cluster:admin/xpack/security/settings/get",
        "cluster:admin/xpack/security/user/get",
        "cluster:admin/xpack/security/user/has_privileges",
        "cluster:admin/xpack/security/user/list_privileges",
        "cluster:admin/xpack/security/user/query",
    ),
    "read_slm": (
        "cluster:admin/ilm/operation_mode/get",
        "cluster:admin/slm/get",
        "cluster:admin/slm/status",
    ),
    "transport_client": (
        "cluster:monitor/nodes/liveness",
        "cluster:monitor/state",
    ),
    "write_connector_secrets": (
        "cluster:admin/xpack/connector/secret/delete",
        "cluster:admin/xpack/connector/secret/post",
        "cluster:admin/xpack/connector/secret/put",
    ),
    "write_fleet_secrets": (
        "cluster:admin/fleet/secrets/delete",
        "cluster:admin/fleet/secrets/post",
    ),
    "create_snapshot": (
        "cluster:admin/repository/get",
        "cluster:admin/snapshot/create",
        "cluster:admin/snapshot/get",
        "cluster:admin/snapshot/status*",
    ),
    "manage_behavioral_analytics": ("cluster:admin/xpack/application/analytics/*",),
    "manage_ccr": (
        "cluster:admin/xpack/ccr/*",
        "cluster:admin/xpack/security/user/has_privileges",
        "cluster:monitor/state",
    ),
    "manage_connector": ("cluster:admin/xpack/connector/*",),
    "manage_enrich": (
        "cluster:admin/xpack/enrich/*",
        "cluster:monitor/xpack/enrich/*",
    ),
    "manage_ilm": ("cluster:admin/ilm/*",),
    "manage_inference": (
        "cluster:admin/xpack/inference/*",
        "cluster:admin/xpack/ml/trained_models/deployment/start",
        "cluster:admin/xpack/ml/trained_models/deployment/stop",
        "cluster:monitor/xpack/inference*",
        "cluster:monitor/xpack/ml/trained_models/deployment/infer",
    ),
    "manage_ml": (
        "cluster:admin/xpack/ml/*",
        "cluster:monitor/xpack/ml/*",
    ),
    "manage_rollup": (
        "cluster:admin/xpack/rollup/*",
        "cluster:monitor/xpack/rollup/*",
    ),
    "manage_slm": (
        "cluster:admin/ilm/operation_mode/get",
        "cluster:admin/ilm/start",
        "cluster:admin/ilm/stop",
        "cluster:admin/slm/*",
    ),
    "manage_watcher": (
        "cluster:admin/xpack/watcher/*",
        "cluster:monitor/xpack/watcher/*",
    ),
    "monitor_data_frame_transforms": (
        "cluster:monitor/data_frame/*",
        "cluster:monitor/transform/*",
    ),
    "monitor_transform": (
        "cluster:monitor/data_frame/*",
        "cluster:monitor/transform/*",
    ),
    "manage_api_key": ("cluster:admin/xpack/security/api_key/*",),
    "manage_ingest_pipelines": ("cluster:admin/ingest/pipeline/*",),
    "manage_pipeline": ("cluster:admin/ingest/pipeline/*",),
    "manage_data_frame_transforms": (
        "cluster:admin/data_frame/*",
        "cluster:admin/transform/*",
        "cluster:monitor/data_frame/*",
        "cluster:monitor/transform/*",
    ),
    "manage_transform": (
        "cluster:admin/data_frame/*",
        "cluster:admin/transform/*",
        "cluster:monitor/data_frame/*",
        "cluster:monitor/transform/*",
    ),
    "manage_security": ("cluster:admin/xpack/security/*",),
    "monitor": (
        "cluster:admin/component_template/get",
        "cluster:monitor/*",
        "indices:admin/index_template/get",
        "indices:admin/template/get",
    ),
    "manage": (
        "cluster:*",
        "indices:admin/index_template/*",
        "indices:admin/template/*",
    ),
    "all": (
        "cluster:*",
        "indices:admin/index_template/*",
        "indices:admin/template/*",
    ),
}

EXCLUDED: Final[dict[str, tuple[str, ...]]] = {
    "manage_connector": (
        "cluster:admin/xpack/connector/secret/delete",
        "cluster:admin/xpack/connector/secret/get",
        "cluster:admin/xpack/connector/secret/post",
        "cluster:admin/xpack/connector/secret/put",
    ),
    "manage_security": ("cluster:admin/xpack/security/delegate_pki",),
    "manage": ("cluster:admin/xpack/security/*",),
}
