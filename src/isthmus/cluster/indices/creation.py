"""Indices are made, changed and deleted: by request, or by the first document that is written to them."""

from __future__ import annotations

import base64
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from isthmus.cluster.indices.catalogue import Catalogue
from isthmus.cluster.indices.holder import HolderAwayError, Holders
from isthmus.cluster.indices.messages import CREATE, CreateShard
from isthmus.cluster.indices.template_catalogue import TemplateCatalogue
from isthmus.cluster.membership import Membership
from isthmus.errors import UsageError
from isthmus.index.mapping.definition import merged
from isthmus.index.metadata.aliases import CheckFilter, apply_actions, parse_aliases
from isthmus.index.metadata.errors import IndexExistsError, IndexNotFoundError, InvalidIndexNameError
from isthmus.index.metadata.expressions import matches, one_to_read, one_to_write
from isthmus.index.metadata.index_metadata import Alias, IndexMetadata
from isthmus.index.metadata.index_settings import Flat, check, check_change, flatten
from isthmus.index.metadata.names import check_index_name
from isthmus.index.metadata.templates import compose
from isthmus.index.shard.shard import make_mapping
from isthmus.settings.index_cluster_settings import AUTO_CREATE_INDEX
from isthmus.state.dynamic_settings import DynamicSettings
from isthmus.state.errors import VersionConflictError

REQUIRED_NODE = "index.routing.allocation.require._name"
KEYS = ("aliases", "mappings", "settings")
TRIES = 20


class CreateBodyError(UsageError):
    """The body of a request that makes an index cannot be read."""

    type = "parse_exception"


class Indices:
    """Makes, changes and deletes indices. `check_filter` raises UsageError for what is no query."""

    def __init__(
        self,
        catalogue: Catalogue,
        templates: TemplateCatalogue,
        holders: Holders,
        membership: Membership,
        settings: DynamicSettings,
        check_filter: CheckFilter,
    ) -> None:
        self.catalogue = catalogue
        self.templates = templates
        self._holders = holders
        self._membership = membership
        self._settings = settings
        self._check_filter = check_filter

    # Names of documents' indices

    async def write_index(self, name: str, *, require_alias: bool = False) -> IndexMetadata:
        """Return the index that a document of `name` goes to, made if it may be.

        Raises IndexNotFoundError, and what making it raises.
        """
        found = one_to_write(name, self.catalogue.indices)
        if require_alias and (found is None or found.name == name):
            raise IndexNotFoundError(name)
        if found is not None:
            return found
        self._check_auto_create(name)
        try:
            return await self.create(name, {})
        except IndexExistsError:
            return self.catalogue.indices[name]

    def read_index(self, name: str) -> IndexMetadata:
        """Return the one index that `name` means. Raises IndexNotFoundError, UsageError."""
        return one_to_read(name, self.catalogue.indices)

    # Making and deleting

    async def create(self, name: str, body: object) -> IndexMetadata:
        """Make an index with the settings, mappings and aliases of a body, over those of templates.

        Raises IndexExistsError, InvalidIndexNameError, and UsageError that names what is wrong.
        """
        index = self._described(check_index_name(name), body)
        why = f"the index [{name}] cannot be made"
        await self._holders.ask_node(index.node, why, CREATE, CreateShard(index.uuid))
        return await self.catalogue.add(index)

    async def delete(self, indices: Sequence[IndexMetadata]) -> None:
        """Delete indices and their data."""
        await self._write(lambda: ({}, [self.catalogue.of(one.name, one.uuid) for one in indices]))

    async def put_mapping(self, name: str, mapping: object) -> IndexMetadata:
        """Add fields to an index's mapping. Raises MappingConflictError, MapperParsingError."""

        def change(index: IndexMetadata) -> IndexMetadata:
            grown = make_mapping(index.mappings, index.settings).merge(mapping).as_json()
            if grown == index.mappings:
                return index
            return msgspec.structs.replace(index, mappings=grown, mapping_version=index.mapping_version + 1)

        return await self.catalogue.change(name, change)

    async def put_settings(self, name: str, settings: object, *, preserve_existing: bool = False) -> IndexMetadata:
        """Change an index's settings. Raises IndexSettingsError."""
        change_of = check_change(flatten(settings))

        def change(index: IndexMetadata) -> IndexMetadata:
            now = dict(index.settings)
            for key, value in change_of.items():
                if preserve_existing and key in now:
                    continue
                now.pop(key, None)
                if value != "":
                    now[key] = value
            return msgspec.structs.replace(index, settings=now, settings_version=index.settings_version + 1)

        return await self.catalogue.change(name, change)

    async def update_aliases(self, body: object) -> None:
        """Make the actions of `_aliases`, all or none. Raises UsageError, IndexNotFoundError."""

        def changes() -> tuple[dict[str, IndexMetadata], list[IndexMetadata]]:
            indices = self.catalogue.indices
            changed, removed = apply_actions(body, indices, self._check_filter)
            gone = set(removed)
            return (
                {
                    name: _with_aliases(indices[name], aliases)
                    for name, aliases in changed.items()
                    if name not in gone and indices[name].aliases != aliases
                },
                [indices[name] for name in gone],
            )

        await self._write(changes)

    async def _write(self, changes: Callable[[], tuple[dict[str, IndexMetadata], list[IndexMetadata]]]) -> None:
        for attempt in range(TRIES):
            changed, removed = changes()
            try:
                await self.catalogue.write(changed, removed)
            except VersionConflictError:
                if attempt == TRIES - 1:
                    raise
            else:
                return

    def described(self, name: str) -> IndexMetadata:
        """Return the index that a name would make now, without making it."""
        return self._described(check_index_name(name), {})

    def _described(self, name: str, body: object) -> IndexMetadata:
        self._check_free(name)
        given = _parts(body)
        composed = compose(name, self.templates.templates, self.templates.components)
        settings: Flat = {**composed.settings, **check(flatten(given.get("settings", {})))}
        mappings: dict[str, Any] = {}
        for part in composed.mappings:
            mappings = merged(mappings, part)
        mapping = make_mapping(mappings, settings)
        if given.get("mappings"):
            mapping = mapping.merge(given["mappings"])
        aliases = {**composed.aliases, **parse_aliases(given.get("aliases", {}), self._check_filter)}
        return IndexMetadata(
            name=name,
            uuid=_new_uuid(),
            node=self._place(name, settings),
            creation_date=int(time.time() * 1000),
            settings=settings,
            mappings=mapping.as_json(),
            aliases=aliases,
        )

    def _check_free(self, name: str) -> None:
        index = self.catalogue.get(name)
        if index is not None:
            raise IndexExistsError(name, index.uuid)
        if any(name in one.aliases for one in self.catalogue.indices.values()):
            raise InvalidIndexNameError(name, "already exists as alias")

    def _place(self, name: str, settings: Mapping[str, str | list[str]]) -> str:
        wanted = settings.get(REQUIRED_NODE)
        if wanted is None:
            return self._membership.me.id
        for member in self._membership.members:
            if wanted in (member.name, [member.name]):
                return member.id
        raise HolderAwayError(
            f"the index [{name}] shall be on the node [{wanted}], which is not in the cluster",
            hint=f"start that node, or change [{REQUIRED_NODE}]",
        )

    def _check_auto_create(self, name: str) -> None:
        check_index_name(name)
        allowed = self._settings.get(AUTO_CREATE_INDEX)
        for rule in allowed:
            if rule in ("true", "false"):
                if rule == "true":
                    return
                break
            if matches(rule.removeprefix("+").removeprefix("-"), name):
                if not rule.startswith("-"):
                    return
                break
        raise NotCreatedError(name)


class NotCreatedError(IndexNotFoundError):
    """An index that is not there, and may not be made by writing to it."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.reason = f"no such index [{name[:300]}] and [action.auto_create_index] does not allow to create it"


def _new_uuid() -> str:
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()


def _parts(body: object) -> Mapping[str, Any]:
    if not isinstance(body, Mapping):
        raise CreateBodyError("the request's body is no object")
    unknown = [key for key in body if key not in KEYS]
    if unknown:
        raise CreateBodyError(
            f"unknown key [{str(unknown[0])[:100]}] for create index", hint=f"known are {', '.join(KEYS)}"
        )
    return body


def _with_aliases(index: IndexMetadata, aliases: dict[str, Alias]) -> IndexMetadata:
    return msgspec.structs.replace(index, aliases=aliases, aliases_version=index.aliases_version + 1)
