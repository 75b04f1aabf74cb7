"""`request.name` of an action, where it is known: the request that carries it in Elasticsearch's own log."""

from __future__ import annotations

from typing import Final

_SECURITY: Final = "cluster:admin/xpack/security"

REQUEST_NAMES: Final = {
    "cluster:monitor/health": "ClusterHealthRequest",
    "indices:admin/auto_create": "CreateIndexRequest",
    "indices:data/read/get": "GetRequest",
    "indices:data/read/search": "SearchRequest",
    "indices:data/write/bulk": "BulkRequest",
    "indices:data/write/index": "IndexRequest",
    f"{_SECURITY}/api_key/bulk_update": "BulkUpdateApiKeyRequest",
    f"{_SECURITY}/api_key/create": "CreateApiKeyRequest",
    f"{_SECURITY}/api_key/grant": "GrantApiKeyRequest",
    f"{_SECURITY}/api_key/invalidate": "InvalidateApiKeyRequest",
    f"{_SECURITY}/api_key/update": "UpdateApiKeyRequest",
    f"{_SECURITY}/cross_cluster/api_key/create": "CreateCrossClusterApiKeyRequest",
    f"{_SECURITY}/cross_cluster/api_key/update": "UpdateCrossClusterApiKeyRequest",
    f"{_SECURITY}/privilege/delete": "DeletePrivilegesRequest",
    f"{_SECURITY}/privilege/put": "PutPrivilegesRequest",
    f"{_SECURITY}/role/bulk_delete": "BulkDeleteRolesRequest",
    f"{_SECURITY}/role/bulk_put": "BulkPutRolesRequest",
    f"{_SECURITY}/role/delete": "DeleteRoleRequest",
    f"{_SECURITY}/role/put": "PutRoleRequest",
    f"{_SECURITY}/service_account/token/create": "CreateServiceAccountTokenRequest",
    f"{_SECURITY}/service_account/token/delete": "DeleteServiceAccountTokenRequest",
    f"{_SECURITY}/token/create": "CreateTokenRequest",
    f"{_SECURITY}/token/invalidate": "InvalidateTokenRequest",
    f"{_SECURITY}/user/authenticate": "AuthenticateRequest",
    f"{_SECURITY}/user/change_password": "ChangePasswordRequest",
    f"{_SECURITY}/user/delete": "DeleteUserRequest",
    f"{_SECURITY}/user/has_privileges": "HasPrivilegesRequest",
    f"{_SECURITY}/user/put": "PutUserRequest",
    f"{_SECURITY}/user/set_enabled": "SetEnabledRequest",
}
