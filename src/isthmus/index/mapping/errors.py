"""What is wrong with a mapping, or with a document under it."""

from __future__ import annotations

from isthmus.errors import UsageError


class MapperParsingError(UsageError):
    """A mapping that cannot be made: an unknown type, a parameter that is not supported."""

    type = "mapper_parsing_exception"


class MappingConflictError(UsageError):
    """A change that an existing field does not allow."""

    type = "illegal_argument_exception"


class MapperError(UsageError):
    """A change of an object that cannot be made."""

    type = "mapper_exception"


class DocumentParsingError(UsageError):
    """A document that does not fit its mapping."""

    type = "document_parsing_exception"


class StrictDynamicMappingError(UsageError):
    """A field that is new, where new ones are not allowed."""

    type = "strict_dynamic_mapping_exception"
