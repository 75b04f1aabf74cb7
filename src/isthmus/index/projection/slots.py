"""Which field of the mapping has its values in which field of Tantivy. Pure.

Tantivy's schema is fixed when an index is made. So it has pools of typed fields, empty at first, and a mapping's paths
are assigned to them as they appear. When a pool is used up, the projection is built anew with larger ones.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from isthmus.index.mapping.field import Field

ID, SEQ, NAMES = "_id", "_seq", "_names"
SPARE = 8
SORTED_POOLS = ("k", "l", "d")
_LETTER = {"keyword": "k", "long": "l", "double": "d"}


def greatest_of(path: str) -> str:
    """Return the name under which the greatest of several values has a slot of its own: Tantivy sorts by the first
    value of a field, and that is the least."""
    return f"{path}\0greatest"


def field_of(name: str) -> str:
    """Return the path of the field that a slot of this name belongs to."""
    return name.partition("\0")[0]


def pool_of(mapped: Field, tokenizer: str) -> str:
    """Return the pool that holds values of a field: by column, of text by what `tokenizer` splits it."""
    return f"t{tokenizer}" if mapped.column == "text" else _LETTER[mapped.column]


@dataclass(slots=True)
class Slots:
    """`pools` are the sizes of the pools, `assigned` the slots by path. `several`: paths of which some document has
    more than one value. `discovered`: paths and pools that documents brought and no mapping names."""

    pools: dict[str, int]
    assigned: dict[str, str] = field(default_factory=dict)
    several: set[str] = field(default_factory=set)
    discovered: dict[str, str] = field(default_factory=dict)

    @classmethod
    def for_fields(cls, wanted: Iterable[tuple[str, str]], tokenizers: Iterable[str] = ()) -> Slots:
        """Return slots for fields, given as (path, pool), with room for more of each kind.

        There is room for text of each of `tokenizers` even where no field has it yet: the first text of a dynamic
        mapping finds its slot.
        """
        needs = list(wanted)
        pools = dict.fromkeys((*_LETTER.values(), *(f"t{one}" for one in tokenizers)), 0)
        for _, pool in needs:
            pools[pool] = pools.get(pool, 0) + 1
        slots = cls({pool: size + max(SPARE, size // 2) for pool, size in pools.items()})
        slots.assign(needs)
        return slots

    def assign(self, wanted: Iterable[tuple[str, str]]) -> bool:
        """Give each (path, pool) a slot that has none; return whether there was room for all."""
        used: dict[str, int] = {}
        for slot in self.assigned.values():
            pool = slot.rpartition("_")[0]
            used[pool] = used.get(pool, 0) + 1
        room = True
        for path, pool in wanted:
            if path in self.assigned:
                continue
            taken = used.get(pool, 0)
            if taken >= self.pools.get(pool, 0):
                room = False
                continue
            self.assigned[path] = f"{pool}_{taken}"
            used[pool] = taken + 1
        return room

    @property
    def extent(self) -> int:
        """A number that grows with every slot that is given and every path that is found to have several values."""
        return len(self.assigned) + len(self.several) + len(self.discovered)

    @property
    def lacks_some(self) -> bool:
        """Whether something that documents brought found no room."""
        return any(path not in self.assigned for path in self.discovered)

    def found_in_documents(self) -> list[tuple[str, str]]:
        """Return what no mapping names but documents brought, as (path, pool): greatest values, keys of flattened
        objects. Such slots are wanted again when a projection is built anew."""
        return sorted(self.discovered.items())

    def discover(self, path: str, pool: str) -> str | None:
        """Return the slot of what a document brings and no mapping names; None if there is no room."""
        self.discovered[path] = pool
        self.assign([(path, pool)])
        return self.assigned.get(path)

    def names(self) -> Iterable[tuple[str, str]]:
        """Yield every slot and its pool, assigned or not, in a fixed order."""
        for pool in sorted(self.pools):
            for number in range(self.pools[pool]):
                yield f"{pool}_{number}", pool
