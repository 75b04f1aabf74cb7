"""How the name in a document's request becomes one index, which is made if it may be."""

from __future__ import annotations

from collections.abc import Callable

from isthmus.cluster.indices.administration import Administration
from isthmus.errors import UsageError
from isthmus.index.metadata.auto_create import check_auto_create
from isthmus.index.metadata.composing import template_for
from isthmus.index.metadata.errors import IndexExistsError, IndexNotFoundError
from isthmus.index.metadata.expressions import one_to_read, one_to_write
from isthmus.index.metadata.index_metadata import IndexMetadata
from isthmus.index.metadata.templates import Contents


class AliasRequiredError(IndexNotFoundError):
    """A request that wants an alias names none."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.reason += f" and [require_alias] request flag is [true] and [{name[:300]}] is not an alias"


class IndexNames:
    """`auto_create()` is the value of `action.auto_create_index` now."""

    def __init__(self, administration: Administration, auto_create: Callable[[], str]) -> None:
        self._administration = administration
        self._auto_create = auto_create

    async def write_index(self, name: str, *, require_alias: bool = False) -> IndexMetadata:
        """Return the index that a document of `name` is written to; it is made if it may be and is not there.

        Raises IndexNotFoundError, UsageError, and what `Administration.create` raises.
        """
        indices = self._administration.catalogue.indices
        found = one_to_write(name, indices)
        if require_alias and (found is None or name in indices):
            raise AliasRequiredError(name)
        return await self._make(name) if found is None else found

    def read_index(self, name: str) -> IndexMetadata:
        """Return the index that a document of `name` is read from. Raises IndexNotFoundError, UsageError."""
        return one_to_read(name, self._administration.catalogue.indices)

    async def _make(self, name: str) -> IndexMetadata:
        templates = self._administration.templates.index_templates
        template = template_for(name, templates)
        allows = None if template is None else templates[template].allow_auto_create
        check_auto_create(name, self._auto_create(), allows)
        try:
            return await self._administration.create(name, Contents())
        except IndexExistsError:
            found = one_to_write(name, self._administration.catalogue.indices)
            if found is None:
                raise UsageError(f"the index [{name}] was deleted while it was written to") from None
            return found
