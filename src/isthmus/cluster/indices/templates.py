"""The templates of the cluster, from this node's copy of the state; changed through the state's owner."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import msgspec

from isthmus.errors import DataError, UsageError
from isthmus.index.metadata.composing import check_template, users
from isthmus.index.metadata.expressions import matching
from isthmus.index.metadata.templates import FORMAT, ComponentTemplate, IndexTemplate
from isthmus.state.errors import VersionConflictError
from isthmus.state.history import Write
from isthmus.state.replicated import ReplicatedMap

INDEX_PREFIX = "index_template/"
COMPONENT_PREFIX = "component_template/"
GENERATION = "template_generation"
TRIES = 20
T = TypeVar("T", IndexTemplate, ComponentTemplate)


class TemplateMissingError(UsageError):
    """There is no such template."""

    type = "index_template_missing_exception"
    status = 404

    def __init__(self, name: str) -> None:
        super().__init__(f"index_template [{name[:255]}] missing")


class TemplateCatalogue:
    """The index templates and their components by name."""

    def __init__(self, state: ReplicatedMap) -> None:
        self._map = state
        self._read("")
        state.watch(INDEX_PREFIX, self._read)
        state.watch(COMPONENT_PREFIX, self._read)

    @property
    def index_templates(self) -> Mapping[str, IndexTemplate]:
        """All index templates by name."""
        return self._index_templates

    @property
    def component_templates(self) -> Mapping[str, ComponentTemplate]:
        """All component templates by name."""
        return self._component_templates

    async def put_index_template(self, name: str, template: IndexTemplate, *, create: bool = False) -> None:
        """Keep an index template; `create`: only if there is none of this name.

        Raises UsageError, InvalidTemplateError, MasterNotDiscoveredError.
        """

        def writes() -> list[Write]:
            if create and name in self._index_templates:
                raise UsageError(f"index template [{name}] already exists")
            check_template(name, template, self._index_templates, self._component_templates)
            return [Write(f"{INDEX_PREFIX}{name}", msgspec.json.encode(template))]

        await self._write(writes)

    async def put_component_template(self, name: str, template: ComponentTemplate, *, create: bool = False) -> None:
        """Keep a component template; raises as `put_index_template`."""

        def writes() -> list[Write]:
            if create and name in self._component_templates:
                raise UsageError(f"component template [{name}] already exists")
            return [Write(f"{COMPONENT_PREFIX}{name}", msgspec.json.encode(template))]

        await self._write(writes)

    async def delete_index_templates(self, names: Sequence[str]) -> None:
        """Delete index templates by names or patterns. Raises TemplateMissingError, MasterNotDiscoveredError."""
        await self._write(lambda: _deletions(INDEX_PREFIX, names, self._index_templates))

    async def delete_component_templates(self, names: Sequence[str]) -> None:
        """Delete component templates by names or patterns; raises UsageError for one that is needed."""

        def writes() -> list[Write]:
            deletions = _deletions(COMPONENT_PREFIX, names, self._component_templates)
            for write in deletions:
                component = write.key.removeprefix(COMPONENT_PREFIX)
                needing = users(component, self._index_templates)
                if needing:
                    raise UsageError(
                        f"component templates [{component}] cannot be removed as they are still in use by index "
                        f"templates [{', '.join(needing)}]"
                    )
            return deletions

        await self._write(writes)

    async def _write(self, writes: Callable[[], list[Write]]) -> None:
        """Make writes that were judged by all templates: no other change of any template may come between."""
        for attempt in range(TRIES):
            generation = self._map.get(GENERATION)
            judged = writes()
            if not judged:
                return
            step = Write(GENERATION, b"", 0 if generation is None else generation.revision)
            try:
                await self._map.write([*judged, step])
            except VersionConflictError:
                if attempt == TRIES - 1:
                    raise
            else:
                return

    def _read(self, _key: str) -> None:
        self._index_templates = self._scan(INDEX_PREFIX, IndexTemplate)
        self._component_templates = self._scan(COMPONENT_PREFIX, ComponentTemplate)

    def _scan(self, prefix: str, kind: type[T]) -> dict[str, T]:
        found: dict[str, T] = {}
        for entry in self._map.scan(prefix):
            name = entry.key.removeprefix(prefix)
            template = msgspec.json.decode(entry.value, type=kind)
            if template.format > FORMAT:
                raise DataError(f"the template [{name}] is kept in the newer format {template.format}")
            found[name] = template
        return found


def _deletions(prefix: str, names: Sequence[str], there: Mapping[str, object]) -> list[Write]:
    for name in names:
        if "*" not in name and name not in there:
            raise TemplateMissingError(name)
    return [Write(f"{prefix}{name}", None) for name in matching(names, list(there))]
