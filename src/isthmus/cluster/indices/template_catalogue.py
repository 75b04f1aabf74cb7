"""The templates of the cluster, from this node's copy of the state."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from isthmus.errors import UsageError
from isthmus.index.metadata.templates import (
    FORMAT,
    Template,
    TemplateError,
    check_components,
    check_overlaps,
    needed_components,
)
from isthmus.state.errors import VersionConflictError
from isthmus.state.history import Write
from isthmus.state.replicated import ReplicatedMap

INDEX, COMPONENT = "index_template/", "component_template/"
GENERATION = "template_generation"
TRIES = 20


class TemplateNotFoundError(UsageError):
    """There is no such template."""

    type = "resource_not_found_exception"
    status = 404


class TemplateCatalogue:
    """Index templates and component templates by name."""

    def __init__(self, state: ReplicatedMap) -> None:
        self._map = state
        self.templates: Mapping[str, Template] = {}
        self.components: Mapping[str, Template] = {}
        for prefix in (INDEX, COMPONENT):
            state.watch(prefix, lambda _: self._read())
        self._read()

    async def put(self, template: Template, *, component: bool, create: bool) -> None:
        """Keep a template. Raises TemplateError if it may not be, or (`create`) there is one of this name."""

        def judged() -> Write:
            known = self.components if component else self.templates
            if create and template.name in known:
                raise TemplateError(f"{_kind(component=component)} template [{template.name}] already exists")
            if not component:
                check_components(template, self.components)
                check_overlaps(template, self.templates)
            return Write(f"{COMPONENT if component else INDEX}{template.name}", msgspec.json.encode(template))

        await self._write(judged)

    async def delete(self, name: str, *, component: bool) -> None:
        """Forget a template. Raises TemplateNotFoundError, TemplateError if a template is composed of it."""

        def judged() -> Write:
            known = self.components if component else self.templates
            if name not in known:
                raise TemplateNotFoundError(f"{_kind(component=component)} template matching [{name}] not found")
            users = [one.name for one in self.templates.values() if component and name in needed_components(one)]
            if users:
                raise TemplateError(
                    f"component templates [{name}] cannot be removed as they are still in use by index templates "
                    f"[{', '.join(users)}]"
                )
            return Write(f"{COMPONENT if component else INDEX}{name}", None)

        await self._write(judged)

    async def _write(self, judged: Callable[[], Write]) -> None:
        """Make a write that was judged by all templates: no other change of any template may come between."""
        for attempt in range(TRIES):
            generation = self._map.get(GENERATION)
            step = Write(GENERATION, b"", 0 if generation is None else generation.revision)
            try:
                await self._map.write([judged(), step])
            except VersionConflictError:
                if attempt == TRIES - 1:
                    raise
            else:
                return

    def _read(self) -> None:
        self.templates = self._scan(INDEX)
        self.components = self._scan(COMPONENT)

    def _scan(self, prefix: str) -> dict[str, Template]:
        found = (_decode(entry.value) for entry in self._map.scan(prefix))
        return {template.name: template for template in found}


def _decode(value: bytes) -> Template:
    template = msgspec.json.decode(value, type=Template)
    if template.format > FORMAT:
        raise ValueError(f"the template [{template.name}] is described in the newer format {template.format}")
    return template


def _kind(*, component: bool) -> str:
    return "component" if component else "index"
