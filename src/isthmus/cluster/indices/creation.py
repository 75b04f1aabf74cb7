"""Indices are made, changed and deleted: by request, or by the first document that is written to them."""

from __future__ import annotations

import asyncio
import base64
import logging
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import msgspec

from isthmus.cluster.indices.catalogue import Catalogue, Change
from isthmus.cluster.indices.holder import HolderAwayError, Holders, named
from isthmus.cluster.indices.messages import CREATE, DISCARD, CreateShard, DiscardShard
from isthmus.cluster.indices.template_catalogue import TemplateCatalogue
from isthmus.cluster.membership import Membership
from isthmus.errors import IsthmusError, UsageError
from isthmus.index.mapping.definition import canonical
from isthmus.index.metadata.aliases import CheckFilter, apply_actions, parse_aliases
from isthmus.index.metadata.auto_create import check_auto_create
from isthmus.index.metadata.blocks import PREFIX as BLOCKS
from isthmus.index.metadata.blocks import check_blocks
from isthmus.index.metadata.errors import (
    IndexExistsError,
    IndexNotFoundError,
    InvalidIndexNameError,
)
from isthmus.index.metadata.expressions import check_local
from isthmus.index.metadata.index_metadata import Alias, IndexMetadata
from isthmus.index.metadata.index_settings import REQUIRED_NODE, Flat, check, check_change, flatten
from isthmus.index.metadata.names import check_index_name
from isthmus.index.metadata.templates import compose, laid_over, template_for
from isthmus.index.shard.shard import make_mapping
from isthmus.security.acting import acting, check_seen, doing
from isthmus.security.limited import check_alias_rights, check_aliases
from isthmus.settings.index_cluster_settings import AUTO_CREATE_INDEX
from isthmus.state.dynamic_settings import DynamicSettings
from isthmus.state.errors import VersionConflictError

log = logging.getLogger(__name__)

AUTO_CREATE = "indices:admin/auto_create"
KEYS = ("aliases", "mappings", "settings")
TRIES = 20
FAULT = 500


Changes = tuple[dict[str, IndexMetadata], list[IndexMetadata]]
"""Indices as they shall be, by name, and indices that shall be no more."""


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
        self._naming = asyncio.Lock()
        # Who waits for the health of an index hears of it as of members that come and go.
        catalogue.on_change(membership.notify)

    # Names of documents' indices

    async def write_index(self, name: str, *, require_alias: bool = False, make: bool = True) -> IndexMetadata:
        """Return the index that a document of `name` goes to, made if it may be and `make` is set.

        Raises IndexNotFoundError, and what making it raises.
        """
        found = self.catalogue.one_to_write(name)
        if require_alias and (found is None or found.name == name):
            raise AliasRequiredError(name)
        if found is not None:
            return found
        if not make:
            raise IndexNotFoundError(name)
        self._check_auto_create(name)
        try:
            with doing(AUTO_CREATE):
                return await self.create(name, {})
        except IndexExistsError:
            made = self.catalogue.one_to_write(name)
            if made is None:
                raise
            return made

    def read_index(self, name: str) -> IndexMetadata:
        """Return the one index that `name` means. Raises IndexNotFoundError, UsageError."""
        index = self.catalogue.one_to_read(name)
        check_blocks([index], "read")
        return index

    # Making and deleting

    async def create(self, name: str, body: object) -> IndexMetadata:
        """Make an index with the settings, mappings and aliases of a body, over those of templates.

        Raises IndexExistsError, InvalidIndexNameError, and UsageError that names what is wrong.
        """
        check_seen([name])
        index = self.described(name, body)
        why = f"the index [{name}] cannot be made"
        await self._holders.ask_node(index.node, why, CREATE, CreateShard(named(index)))
        try:
            await self._add(index)
        except IsthmusError as error:
            # A fault of the cluster's leaves open whether it knows of the index.
            if error.status < FAULT:
                await self._discard(index)
            raise
        return index

    async def _add(self, index: IndexMetadata) -> None:
        """Make an index known under a name that nobody else has, nor has taken since it was described."""

        def changes() -> Changes:
            self._check_free(index.name)
            self._check_aliases(index)
            return {index.name: index}, []

        await self._write_names(changes)

    async def _discard(self, index: IndexMetadata) -> None:
        why = f"what was made of the index [{index.name}] cannot be removed"
        try:
            await self._holders.ask_node(index.node, why, DISCARD, DiscardShard(named(index)))
        except IsthmusError as error:
            log.warning("%s: %s", why, error)

    async def delete(self, indices: Sequence[IndexMetadata]) -> None:
        """Delete indices and their data, all or none. Raises IndexNotFoundError, IndexBlockedError."""

        def changes() -> Changes:
            gone = [self.catalogue.of(one.name, one.uuid) for one in indices]
            check_blocks(gone, "change")
            return {}, gone

        await self._write(changes)

    async def put_mapping(self, indices: Sequence[IndexMetadata], mapping: object) -> None:
        """Add fields to the mappings of indices, of all or none.

        Raises MappingConflictError, MapperParsingError, IndexBlockedError, IndexNotFoundError.
        """

        def change(index: IndexMetadata) -> IndexMetadata:
            check_blocks([index], "change")
            grown = make_mapping(index.mappings, index.settings).merge(mapping).as_json()
            if grown == index.mappings:
                return index
            return msgspec.structs.replace(index, mappings=grown, mapping_version=index.mapping_version + 1)

        await self._change(indices, change)

    async def put_settings(
        self, indices: Sequence[IndexMetadata], settings: object, *, preserve_existing: bool = False
    ) -> None:
        """Change settings of indices, of all or none.

        Raises IndexSettingsError, IndexNotFoundError, and IndexBlockedError unless nothing but blocks change.
        """
        change_of = check_change(flatten(settings))

        def change(index: IndexMetadata) -> IndexMetadata:
            if not all(name.startswith(BLOCKS) for name in change_of):
                check_blocks([index], "change")
            _check_stays(index, change_of)
            now = dict(index.settings)
            for key, value in change_of.items():
                if preserve_existing and key in now:
                    continue
                now.pop(key, None)
                if value != "":
                    now[key] = value
            if now == index.settings:
                return index
            return msgspec.structs.replace(index, settings=now, settings_version=index.settings_version + 1)

        await self._change(indices, change)

    async def update_aliases(self, body: object) -> None:
        """Make the actions of `_aliases`, all or none. Raises UsageError, IndexNotFoundError."""

        def changes() -> Changes:
            indices = self.catalogue.indices
            changed, removed = apply_actions(body, indices, self._check_filter, acting())
            gone = set(removed)
            for name in {*changed, *gone}:
                aliases = changed.get(name, {})
                check_aliases(_meant(indices[name], aliases))
                check_alias_rights(name, aliases.keys() - indices[name].aliases.keys())
            check_blocks((indices[name] for name in {*changed, *gone}), "change")
            return (
                {
                    name: _with_aliases(indices[name], aliases)
                    for name, aliases in changed.items()
                    if name not in gone and indices[name].aliases != aliases
                },
                [indices[name] for name in gone],
            )

        await self._write_names(changes)

    async def _change(self, indices: Sequence[IndexMetadata], change: Change) -> None:
        def changes() -> Changes:
            before = [self.catalogue.of(one.name, one.uuid) for one in indices]
            changed = {index.name: change(index) for index in before}
            return {index.name: changed[index.name] for index in before if changed[index.name] != index}, []

        await self._write(changes)

    async def _write_names(self, changes: Callable[[], Changes]) -> None:
        """Make changes that may give names to indices; those of this node one after the other, lest they conflict."""
        async with self._naming:
            await self._write(changes, naming=True)

    async def _write(self, changes: Callable[[], Changes], *, naming: bool = False) -> None:
        """Make changes, anew where somebody else's came between."""
        for attempt in range(TRIES):
            names = self.catalogue.names_revision if naming else None
            changed, removed = changes()
            try:
                await self.catalogue.write(changed, removed, names=names)
            except VersionConflictError:
                if attempt == TRIES - 1:
                    raise
            else:
                return

    def described(self, name: str, body: object = MappingProxyType({})) -> IndexMetadata:
        """Return the index that a name and a body would make now, without making it; raises as `create`."""
        check_local(name)
        self._check_free(check_index_name(name))
        given = _parts(body)
        own = check(flatten(given.get("settings", {})))
        hidden = own.get("index.hidden") == "true"
        composed = compose(name, self.templates.templates, self.templates.components, hidden=hidden)
        settings: Flat = {**composed.settings, **own}
        mapping = make_mapping(laid_over(composed.mappings, canonical(given.get("mappings") or {})), settings)
        aliases = {**composed.aliases, **parse_aliases(given.get("aliases", {}), self._check_filter)}
        index = IndexMetadata(
            name=name,
            uuid=_new_uuid(),
            node=self._place(name, settings),
            creation_date=int(time.time() * 1000),
            settings=settings,
            mappings=mapping.as_json(),
            aliases=aliases,
        )
        self._check_aliases(index)
        return index

    def _check_free(self, name: str) -> None:
        index = self.catalogue.get(name)
        if index is not None:
            raise IndexExistsError(name, index.uuid)
        if any(name in one.aliases for one in self.catalogue.indices.values()):
            raise InvalidIndexNameError(name, "already exists as alias")

    def _place(self, name: str, settings: Mapping[str, str | list[str]]) -> str:
        wanted = settings.get(REQUIRED_NODE)
        holding = [member for member in self._membership.members if "data" in member.roles]
        if wanted is None:
            if not holding:
                raise HolderAwayError(f"the index [{name}] cannot be made: no node of the cluster has the role data")
            me = self._membership.me.id
            return me if any(member.id == me for member in holding) else holding[0].id
        for member in holding:
            if wanted in (member.name, [member.name]):
                return member.id
        raise UsageError(
            f"the index [{name}] shall be on the node [{wanted}], which is not in the cluster or lacks the role data",
            hint=f"start that node, or change [{REQUIRED_NODE}]",
        )

    def _check_auto_create(self, name: str) -> None:
        check_index_name(name)
        template = template_for(name, self.templates.templates)
        allows = None if template is None else template.allow_auto_create
        check_auto_create(name, self._settings.get(AUTO_CREATE_INDEX), allows)

    def _check_aliases(self, index: IndexMetadata) -> None:
        """The aliases of a new index are judged as if `_aliases` gave them to it."""
        actions = [
            {"add": {"index": index.name, "alias": alias, "is_write_index": given.is_write_index}}
            for alias, given in index.aliases.items()
        ]
        if actions:
            bare = msgspec.structs.replace(index, aliases={})
            apply_actions({"actions": actions}, {**self.catalogue.indices, index.name: bare}, self._check_filter)


class AliasRequiredError(IndexNotFoundError):
    """A request that wants an alias names none."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.reason += f" and [require_alias] request flag is [true] and [{name[:300]}] is not an alias"


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
    for key, part in body.items():
        if not isinstance(part, Mapping) and (part is not None or key == "settings"):
            raise CreateBodyError(f"key [{key}] must be an object")
    return body


def _check_stays(index: IndexMetadata, change: Flat) -> None:
    if change.get(REQUIRED_NODE, "") not in ("", index.settings.get(REQUIRED_NODE)):
        raise UsageError(
            f"[{REQUIRED_NODE}] of the index [{index.name}] can be set only when it is made",
            hint="an index does not move because a setting changed: clear it, and move the index by _cluster/reroute",
        )


def _meant(index: IndexMetadata, aliases: Mapping[str, Alias]) -> Iterator[str]:
    """Yield the names of an index, and those of the aliases that it gets, as far as who acts may use them."""
    added = [name for name in aliases if name not in index.aliases]
    if acting().sees(index.name):
        yield index.name
    else:
        yield from filter(acting().sees, index.aliases)
    yield from added


def _with_aliases(index: IndexMetadata, aliases: dict[str, Alias]) -> IndexMetadata:
    return msgspec.structs.replace(index, aliases=aliases, aliases_version=index.aliases_version + 1)
