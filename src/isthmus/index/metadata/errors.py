"""What can be wrong with a name of an index."""

from __future__ import annotations

from isthmus.errors import IsthmusError, UsageError


class IndexNotFoundError(UsageError):
    """There is no such index."""

    type = "index_not_found_exception"
    status = 404

    def __init__(self, name: str) -> None:
        super().__init__(f"no such index [{name[:300]}]")
        self.details = {
            "resource.type": "index_or_alias",
            "resource.id": name,
            "index_uuid": "_na_",
            "index": name,
        }


class IndexExistsError(UsageError):
    """There is an index or alias of this name."""

    type = "resource_already_exists_exception"

    def __init__(self, name: str, uuid: str) -> None:
        super().__init__(f"index [{name}/{uuid}] already exists")
        self.details = {"index_uuid": uuid, "index": name}


class InvalidIndexNameError(UsageError):
    """A name that no index may have."""

    type = "invalid_index_name_exception"

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"Invalid index name [{name[:300]}], {why}")
        self.details = {"index_uuid": "_na_", "index": name[:300]}


class InvalidAliasNameError(UsageError):
    """A name that no alias may have."""

    type = "invalid_alias_name_exception"

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"Invalid alias name [{name[:300]}]: {why}")


class AliasesNotFoundError(UsageError):
    """Aliases that there are none of."""

    type = "aliases_not_found_exception"
    status = 404


class IndexBlockedError(IsthmusError):
    """An index that may not be read, written to, or changed."""

    type = "cluster_block_exception"
    status = 403


class FloodStageError(IndexBlockedError):
    """An index that may be written to once its disk has room again."""

    status = 429
