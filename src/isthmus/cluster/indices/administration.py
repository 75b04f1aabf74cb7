"""What is done to whole indices: made, deleted, their mappings, settings and aliases changed.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/indices.html
"""

from __future__ import annotations

import base64
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from isthmus.cluster.indices.catalogue import TRIES, Catalogue
from isthmus.cluster.indices.templates import TemplateCatalogue
from isthmus.cluster.messages import Member
from isthmus.errors import UsageError
from isthmus.index.metadata.aliases import CheckFilter, apply_actions
from isthmus.index.metadata.composing import composed, laid_over, template_for
from isthmus.index.metadata.errors import IndexBlockedError, InvalidIndexNameError
from isthmus.index.metadata.expressions import check_local
from isthmus.index.metadata.index_metadata import Alias, IndexMetadata
from isthmus.index.metadata.index_settings import Flat, check_change
from isthmus.index.metadata.names import check_index_name
from isthmus.index.metadata.templates import Contents
from isthmus.index.shard.shard import make_mapping, mapping_of
from isthmus.state.errors import VersionConflictError

REQUIRED_NODE = "index.routing.allocation.require._name"
_BLOCK = "index.blocks."
_FIRST_SETTINGS: Flat = {"index.number_of_shards": "1", "index.number_of_replicas": "0"}


class NoHolderError(UsageError):
    """No node of the cluster can hold an index as it is asked for."""


class Administration:
    """`me` is the id of this node, `members()` the cluster's; `check_filter` raises UsageError for what is no query."""

    def __init__(
        self,
        catalogue: Catalogue,
        templates: TemplateCatalogue,
        me: str,
        members: Callable[[], Sequence[Member]],
        check_filter: CheckFilter,
    ) -> None:
        self.catalogue = catalogue
        self.templates = templates
        self.check_filter = check_filter
        self._me = me
        self._members = members

    async def create(self, name: str, asked: Contents) -> IndexMetadata:
        """Make an index of its template and, over that, of what is asked.

        Raises InvalidIndexNameError, IndexExistsError, UsageError for what cannot be, MasterNotDiscoveredError.
        """
        self._check_name(name)
        index = self._new(name, self.contents_for(name, asked))
        self._check_aliases({name: index.aliases}, also=index)
        return await self.catalogue.add(index)

    def contents_for(self, name: str, asked: Contents) -> Contents:
        """Return what an index of this name would be made of."""
        hidden = asked.settings.get("index.hidden") == "true"
        found = template_for(name, self.templates.index_templates, hidden=hidden)
        if found is None:
            return asked
        given = composed(self.templates.index_templates[found], self.templates.component_templates)
        return laid_over(given, asked)

    async def delete(self, indices: Sequence[IndexMetadata]) -> None:
        """Delete indices, all in one commit. Raises IndexNotFoundError, IndexBlockedError."""

        async def attempt() -> None:
            gone = [self.catalogue.of(one.name, one.uuid) for one in indices]
            for index in gone:
                _check_block(index, "read_only", "metadata")
            await self.catalogue.write({}, gone)

        await _repeated(attempt)

    async def put_mapping(self, indices: Sequence[IndexMetadata], added: object) -> list[IndexMetadata]:
        """Add fields to the mappings of indices, of all or none. Raises MapperParsingError, MappingConflictError."""

        def change(index: IndexMetadata) -> IndexMetadata:
            _check_block(index, "read_only", "metadata")
            mappings = mapping_of(index).merge(added).as_json()
            if mappings == index.mappings:
                return index
            return msgspec.structs.replace(index, mappings=mappings, mapping_version=index.mapping_version + 1)

        return await self._change(indices, change)

    async def put_settings(
        self, indices: Sequence[IndexMetadata], given: Flat, *, preserve_existing: bool = False
    ) -> list[IndexMetadata]:
        """Change settings of indices, of all or none; a value of "" deletes one. Raises IndexSettingsError.

        `preserve_existing`: what an index has set stays.
        """
        asked = check_change(given)

        def change(index: IndexMetadata) -> IndexMetadata:
            if not all(name.startswith(_BLOCK) for name in asked):
                _check_block(index, "read_only", "metadata")
            _check_same_node(index, asked)
            above = {**asked, **index.settings} if preserve_existing else {**index.settings, **asked}
            settings = _without_deleted(above)
            if settings == index.settings:
                return index
            return msgspec.structs.replace(index, settings=settings, settings_version=index.settings_version + 1)

        return await self._change(indices, change)

    async def update_aliases(self, actions: object) -> None:
        """Apply the actions of `_aliases`, all or none, those that remove indices too. Raises UsageError by action."""

        async def attempt() -> None:
            indices = self.catalogue.indices
            aliases, removed = apply_actions(actions, indices, self.check_filter)
            staying = {name: own for name, own in aliases.items() if name not in removed}
            for name in {*staying, *removed}:
                _check_block(indices[name], "read_only", "metadata")
            changed = {name: _with_aliases(indices[name], own) for name, own in staying.items()}
            different = {name: index for name, index in changed.items() if index != indices[name]}
            await self.catalogue.write(different, [indices[name] for name in dict.fromkeys(removed)])

        await _repeated(attempt)

    async def _change(
        self, indices: Sequence[IndexMetadata], change: Callable[[IndexMetadata], IndexMetadata]
    ) -> list[IndexMetadata]:
        after: list[IndexMetadata] = []

        async def attempt() -> None:
            before = [self.catalogue.of(one.name, one.uuid) for one in indices]
            after[:] = [change(index) for index in before]
            pairs = zip(before, after, strict=True)
            await self.catalogue.write({new.name: new for old, new in pairs if new != old}, [])

        await _repeated(attempt)
        return after

    def _check_name(self, name: str) -> None:
        check_local(name)
        check_index_name(name)
        if any(name in index.aliases for index in self.catalogue.indices.values()):
            raise InvalidIndexNameError(name, "already exists as alias")

    def _new(self, name: str, contents: Contents) -> IndexMetadata:
        settings = _FIRST_SETTINGS | contents.settings
        return IndexMetadata(
            name=name,
            uuid=base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("="),
            node=self._holder(settings),
            creation_date=time.time_ns() // 1_000_000,
            settings=settings,
            mappings=make_mapping(contents.mappings, settings).as_json(),
            aliases=contents.aliases,
        )

    def _holder(self, settings: Mapping[str, Any]) -> str:
        holding = [member for member in self._members() if "data" in member.roles]
        required = settings.get(REQUIRED_NODE)
        if required is not None:
            holding = [member for member in holding if member.name == required]
        if not holding:
            where = f"named [{required}]" if required is not None else "with the role data"
            raise NoHolderError(f"there is no node {where} in the cluster that could hold the index")
        return next((member.id for member in holding if member.id == self._me), holding[0].id)

    def _check_aliases(self, given: Mapping[str, Mapping[str, Alias]], *, also: IndexMetadata) -> None:
        """The aliases of a new index are judged as if they were added to it by `_aliases`."""
        indices = {**self.catalogue.indices, also.name: msgspec.structs.replace(also, aliases={})}
        actions = [
            {"add": {"index": name, "alias": alias, "is_write_index": settings.is_write_index}}
            for name, aliases in given.items()
            for alias, settings in aliases.items()
        ]
        if actions:
            apply_actions({"actions": actions}, indices, self.check_filter)


def _with_aliases(index: IndexMetadata, aliases: dict[str, Alias]) -> IndexMetadata:
    if aliases == index.aliases:
        return index
    return msgspec.structs.replace(index, aliases=aliases, aliases_version=index.aliases_version + 1)


def _check_same_node(index: IndexMetadata, asked: Flat) -> None:
    if REQUIRED_NODE in asked and asked[REQUIRED_NODE] != index.settings.get(REQUIRED_NODE, ""):
        raise UsageError(
            f"[{REQUIRED_NODE}] of the index [{index.name}] can be set only when it is made",
            hint="an index does not move because a setting changed",
        )


def _without_deleted(settings: Mapping[str, Any]) -> Flat:
    kept = {name: value for name, value in settings.items() if value != ""}
    return _FIRST_SETTINGS | kept


def _check_block(index: IndexMetadata, *blocks: str) -> None:
    told = {"read_only": "5/index read-only (api)", "metadata": "9/index metadata (api)"}
    for block in blocks:
        if index.settings.get(f"{_BLOCK}{block}") == "true":
            raise IndexBlockedError(f"index [{index.name}] blocked by: [FORBIDDEN/{told[block]}];")


async def _repeated(attempt: Callable[[], Any]) -> None:
    """Make an attempt anew from what there is then, when somebody else's change came first."""
    for number in range(TRIES):
        try:
            await attempt()
        except VersionConflictError:
            if number == TRIES - 1:
                raise
        else:
            return
