"""What can be wrong with an index, told as Elasticsearch tells it."""

from __future__ import annotations

from isthmus.errors import UsageError

NO_UUID = "_na_"


class IndexRequestError(UsageError):
    """Base of errors about one index: the answer names it under `index` and `index_uuid`."""

    def __init__(self, reason: str, index: str, *, uuid: str = NO_UUID, hint: str | None = None) -> None:
        super().__init__(reason, hint=hint)
        self.details = {"index_uuid": uuid, "index": index}


class InvalidIndexNameError(IndexRequestError):
    """A name that no index may have."""

    type = "invalid_index_name_exception"

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"Invalid index name [{name}], {why}", name)


class IndexNotFoundError(IndexRequestError):
    """There is no index, and no alias, of this name."""

    type = "index_not_found_exception"
    status = 404

    def __init__(self, expression: str) -> None:
        super().__init__(f"no such index [{expression}]", expression)
        self.details = {**self.details, "resource.type": "index_or_alias", "resource.id": expression}


class InvalidAliasNameError(IndexRequestError):
    """A name that no alias may have, or that an index has."""

    type = "invalid_alias_name_exception"

    def __init__(self, alias: str, why: str) -> None:
        super().__init__(f"Invalid alias name [{alias}]: {why}", alias)


class AliasesNotFoundError(UsageError):
    """An alias that should be removed is on none of the indices."""

    type = "aliases_not_found_exception"
    status = 404

    def __init__(self, alias: str) -> None:
        super().__init__(f"aliases [{alias}] missing")
        self.details = {"resource.type": "aliases", "resource.id": alias}
