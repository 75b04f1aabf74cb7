"""The templates of the cluster, from this node's copy of the state."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from isthmus.errors import UsageError
from isthmus.index.metadata.templates import Template, TemplateError, check_components, check_overlaps
from isthmus.state.replicated import ReplicatedMap

INDEX, COMPONENT = "index_template/", "component_template/"


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
        known = self.components if component else self.templates
        if create and template.name in known:
            raise TemplateError(f"{_kind(component=component)} template [{template.name}] already exists")
        if not component:
            check_components(template, self.components)
            check_overlaps(template, self.templates)
        prefix = COMPONENT if component else INDEX
        await self._map.put(f"{prefix}{template.name}", msgspec.json.encode(template))

    async def delete(self, name: str, *, component: bool) -> None:
        """Forget a template. Raises TemplateNotFoundError, TemplateError if a template is composed of it."""
        known = self.components if component else self.templates
        if name not in known:
            raise TemplateNotFoundError(f"{_kind(component=component)} template matching [{name}] not found")
        users = [one.name for one in self.templates.values() if component and name in one.composed_of]
        if users:
            raise TemplateError(
                f"component templates [{name}] cannot be removed as they are still in use by index templates "
                f"[{', '.join(users)}]"
            )
        await self._map.delete(f"{COMPONENT if component else INDEX}{name}")

    def _read(self) -> None:
        self.templates = self._scan(INDEX)
        self.components = self._scan(COMPONENT)

    def _scan(self, prefix: str) -> dict[str, Template]:
        found = (msgspec.json.decode(entry.value, type=Template) for entry in self._map.scan(prefix))
        return {template.name: template for template in found}


def _kind(*, component: bool) -> str:
    return "component" if component else "index"
