"""One exception tree for everything that can go wrong and that a person must hear of.

An error carries Elasticsearch's name for it (`type`), a sentence for a person (`reason`), what to do (`hint`),
where it is (`where`: file, line, setting or instance), the HTTP status and the exit status (sysexits). The
technical cause is chained (`raise … from cause`) and goes to the log only. No secret ever enters an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar


class IsthmusError(Exception):
    """Base of all errors that are told to a person.

    Takes `reason` (one sentence, no final stop needed), optional `hint` (what to do) and `where` (the place).
    A subclass may set `details`: the keys that Elasticsearch tells beside type and reason (`index`, `resource.id` …).
    """

    type: ClassVar[str] = "exception"
    status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 70
    details: Mapping[str, Any] = MappingProxyType({})

    def __init__(self, reason: str, *, hint: str | None = None, where: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint
        self.where = where

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        mend = f" ({self.hint})" if self.hint else ""
        return f"{place}{self.reason}{mend}"


class UsageError(IsthmusError):
    """A command was called wrongly (EX_USAGE)."""

    type = "illegal_argument_exception"
    status = 400
    exit_code = 64


class DataError(IsthmusError):
    """Input data is wrong: a certificate, an instances file, a password that does not open a file (EX_DATAERR)."""

    type = "illegal_argument_exception"
    status = 400
    exit_code = 65


class PasswordError(DataError):
    """A password is missing, or does not open what it should."""

    type = "security_exception"


class NoInputError(IsthmusError):
    """A file that was named does not exist or cannot be read (EX_NOINPUT)."""

    type = "no_such_file_exception"
    status = 400
    exit_code = 66


class UnavailableError(IsthmusError):
    """Something needed is not there now and may be later (EX_UNAVAILABLE)."""

    type = "unavailable_exception"
    status = 503
    exit_code = 69


class CannotCreateError(IsthmusError):
    """An output cannot be created or would be overwritten (EX_CANTCREAT)."""

    type = "file_already_exists_exception"
    status = 400
    exit_code = 73


class StorageError(IsthmusError):
    """Reading or writing a file failed in the middle (EX_IOERR)."""

    type = "i_o_exception"
    status = 500
    exit_code = 74


class PermissionDeniedError(IsthmusError):
    """The operating system refused access to a file (EX_NOPERM)."""

    type = "access_denied_exception"
    status = 403
    exit_code = 77


class ConfigError(IsthmusError):
    """A setting or the configuration folder is wrong (EX_CONFIG)."""

    type = "settings_exception"
    status = 400
    exit_code = 78


class IntegrityError(DataError):
    """An encrypted or checked file was altered, cut short, or opened with a wrong password."""

    type = "security_exception"
