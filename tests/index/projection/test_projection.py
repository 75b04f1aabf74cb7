"""The projection's folder: what is fed is found again, whatever happened in between."""

from __future__ import annotations

from pathlib import Path

import pytest

from isthmus.errors import DataError
from isthmus.index.projection.projection import Projection
from isthmus.index.projection.slots import SPARE, Slots, greatest_of
from isthmus.index.projection.storage import ProjectionUnusableError, load_slots, save_slots
from isthmus.index.projection.writers import Writers
from isthmus.query.tree import Exists, MatchAll, Term
from tests.index.projection.small_index import UUID, SmallIndex

PROPERTIES = {"k": {"type": "keyword"}, "n": {"type": "long"}, "t": {"type": "text"}, "f": {"type": "flattened"}}


def index_in(folder: Path, writers: Writers | None = None) -> SmallIndex:
    folder.mkdir(exist_ok=True)
    return SmallIndex(folder, PROPERTIES, writers)


def reopened(index: SmallIndex) -> SmallIndex:
    """The same index after its process was killed: nothing was closed or committed."""
    index.writers.drop(index.projection)
    index.projection = Projection.open(index.folder, UUID, index.analyzers(), index.writers)
    return index


def test_what_was_committed_is_there_after_a_restart(tmp_path: Path) -> None:
    index = reopened(index_in(tmp_path).add([{"k": "a"}, {"k": "b", "t": "some text"}]))
    assert index.projection.checkpoint == 1
    assert index.matches(Term(field="k", value="b")) == {"1"}
    assert index.matches(Term(field="t", value="text")) == {"1"}


def test_what_was_not_committed_is_fed_again_and_is_there_once(tmp_path: Path) -> None:
    index = index_in(tmp_path).add([{"k": "a"}])
    index.write("lost", {"k": "b"})
    reopened(index)
    assert index.projection.fed == 0
    for _ in range(2):
        # A crash after Tantivy's commit and before the checkpoint: the same operations come once more.
        index._next = 1
        index.projection._fed = index.projection.checkpoint = 0
        index.write("lost", {"k": "b"}, replaces=True)
        index.projection.commit()
    assert index.matches(Term(field="k", value="b")) == {"1"}
    assert index.reading().searcher.num_docs == 2


def test_operations_that_it_has_are_not_taken_in_again(tmp_path: Path) -> None:
    index = index_in(tmp_path).add([{"k": "a"}])
    index._next = 0
    index.write("0", {"k": "a"})
    index.projection.commit()
    assert index.reading().searcher.num_docs == 1


def test_a_replaced_document_is_seen_as_it_is_and_a_deleted_one_is_not(tmp_path: Path) -> None:
    index = index_in(tmp_path).add([{"k": "a"}, {"k": "b"}])
    index.write("0", {"k": "c"}, replaces=True)
    index.write("1", None, replaces=True)
    index.write("2", {"k": "d"})
    index.write("2", {"k": "e"}, replaces=True)
    index.projection.commit()
    assert index.matches(MatchAll()) == {"2", "5"}
    assert index.matches(Term(field="k", value="a")) == set()


def test_a_reading_stays_as_it_is(tmp_path: Path) -> None:
    index = index_in(tmp_path).add([{"k": "a"}])
    before = index.reading()
    index.write("0", None, replaces=True)
    index.projection.commit()
    assert (before.searcher.num_docs, before.checkpoint) == (1, 0)
    assert (index.reading().searcher.num_docs, index.reading().checkpoint) == (0, 1)


def test_keys_of_flattened_objects_get_slots_as_documents_bring_them(tmp_path: Path) -> None:
    index = reopened(index_in(tmp_path).add([{"f": {"a": "x", "b": {"c": "y"}}}, {"f": {"a": "y"}}]))
    assert index.matches(Term(field="f.a", value="y")) == {"1"}
    assert index.matches(Term(field="f.b.c", value="y")) == {"0"}
    assert index.matches(Term(field="f", value="y")) == {"0", "1"}
    assert index.matches(Exists(field="f.b.c")) == {"0"}


def test_what_documents_bring_and_finds_no_slot_is_told_and_wanted_again(tmp_path: Path) -> None:
    index = index_in(tmp_path)
    index.add([{"f": {f"key{number}": "x" for number in range(50)}}])
    assert index.projection.out_of_slots
    wanted = [*index.fields(), *index.projection.found_in_documents]
    (tmp_path / "larger").mkdir()
    index.projection = Projection.create(tmp_path / "larger", UUID, wanted, index.analyzers(), index.writers)
    index._next = 0
    index.add([{"f": {f"key{number}": "x" for number in range(50)}}])
    assert not index.projection.out_of_slots
    assert index.matches(Term(field="f.key49", value="x")) == {"0"}


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"format": 1}'])
def test_slots_that_cannot_be_read_make_a_projection_unusable(tmp_path: Path, damage: bytes) -> None:
    save_slots(tmp_path, UUID, Slots.for_fields([]))
    (tmp_path / "slots.json").write_bytes(damage)
    with pytest.raises(ProjectionUnusableError):
        load_slots(tmp_path, UUID)


def test_tantivys_files_that_cannot_be_read_make_a_projection_unusable(tmp_path: Path) -> None:
    index = index_in(tmp_path).add([{"k": "a"}])
    index.projection.close()
    (tmp_path / "meta.json").write_bytes(b"{")
    with pytest.raises(ProjectionUnusableError):
        Projection.open(tmp_path, UUID, index.analyzers(), index.writers)


@pytest.mark.parametrize("gone", ["meta.json", "*.fast", "*.fieldnorm", "*.idx", "*.pos", "*.store", "*.term", "*.del"])
def test_a_projection_that_lacks_a_file_is_unusable_and_no_empty_one(tmp_path: Path, gone: str) -> None:
    index = index_in(tmp_path).add([{"k": "a"}, {"k": "b"}, {"k": "c"}])
    index.write("1", None, replaces=True)
    index.projection.commit()
    index.projection.close()
    Projection.open(tmp_path, UUID, index.analyzers(), index.writers)
    for file in [*tmp_path.glob(gone)]:
        file.unlink()
    with pytest.raises(ProjectionUnusableError):
        Projection.open(tmp_path, UUID, index.analyzers(), index.writers)


def test_a_projection_of_another_index_is_not_taken(tmp_path: Path) -> None:
    save_slots(tmp_path, "another", Slots.for_fields([]))
    with pytest.raises(ProjectionUnusableError, match="another index"):
        load_slots(tmp_path, UUID)


def test_a_projection_of_a_newer_format_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "slots.json").write_bytes(b'{"format": 2, "shape": "unknown"}')
    with pytest.raises(DataError, match="newer format than 1"):
        load_slots(tmp_path, UUID)


def test_slots_leave_modest_room_and_tell_when_it_is_used_up() -> None:
    slots = Slots.for_fields([("a", "k"), ("b", "k")])
    assert slots.pools["k"] == 2 + SPARE
    assert slots.assign([(f"more{number}", "k") for number in range(SPARE)])
    assert not slots.assign([("one too many", "k")])
    assert "one too many" not in slots.assigned
    assert len(set(slots.assigned.values())) == len(slots.assigned)


def test_a_slot_for_the_greatest_is_taken_when_a_document_has_several_values(tmp_path: Path) -> None:
    index = index_in(tmp_path).add([{"n": 1}])
    assert greatest_of("n") not in index.reading().slots
    index.add([{"n": [3, 2]}])
    reading = reopened(index).reading()
    assert reading.several == {"n"}
    assert greatest_of("n") in reading.slots


def test_only_a_few_writers_are_open_and_all_that_was_fed_is_found(tmp_path: Path) -> None:
    writers = Writers(most=2)
    indices = [index_in(tmp_path / str(number), writers) for number in range(5)]
    for place in range(3):
        for index in indices:
            index.write(str(place), {"n": place})
            assert len(writers) <= 2
    for index in indices:
        index.projection.commit()
        assert index.matches(MatchAll()) == {"0", "1", "2"}


def test_a_writer_that_rests_is_closed_and_opened_again(tmp_path: Path) -> None:
    index = index_in(tmp_path)
    index.write("0", {"n": 0})
    index.projection.rest()
    assert (len(index.writers), index.projection.checkpoint) == (0, 0)
    index.write("1", {"n": 1})
    index.projection.commit()
    assert index.matches(MatchAll()) == {"0", "1"}
