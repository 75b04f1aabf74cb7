"""What can go wrong with a ledger."""

from __future__ import annotations

from isthmus.errors import DataError, StorageError, UnavailableError


class LedgerFormatError(DataError):
    """The file is no ledger, or a newer release wrote it."""

    type = "illegal_state_exception"
    status = 500


class LedgerDamagedError(StorageError):
    """The file's content is not what was written to it."""

    type = "corrupt_index_exception"


class LedgerClosedError(UnavailableError):
    """The ledger was closed."""

    type = "already_closed_exception"


class RejectedExecutionError(UnavailableError):
    """More writes wait than may wait."""

    type = "es_rejected_execution_exception"
    status = 429
