"""What holds of every text."""

from __future__ import annotations

from itertools import pairwise

import pytest
import tantivy
from hypothesis import given, settings
from hypothesis import strategies as st

from isthmus.index.analysis.analyzer import Analyzer
from isthmus.index.analysis.analyzers import built_in
from isthmus.index.analysis.tokenizers import standard
from isthmus.index.analysis.word_breaks import WORD, kind

NAMES = ("standard", "simple", "whitespace", "stop", "english", "german", "keyword")
ASCII = st.text(st.sampled_from("aZ09_.:',; -\t\n\"#*") | st.characters(max_codepoint=127), max_size=60)
ANY = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("aא'\".1_가カ\u200d\ufe0f😀🏽🇩"), max_size=60)


def analyzer(name: str) -> Analyzer:
    found = built_in(name)
    assert found is not None
    return found


@given(ASCII)
def test_ascii_text_is_split_as_any_other(text: str) -> None:
    expected = [one.group() for one in WORD.finditer(text)]

    assert list(standard().words(text)) == expected
    assert [text[start:end] for start, end in standard().spans(text)] == expected


@pytest.mark.parametrize("length", [254, 255, 256, 511])
def test_a_word_is_cut_at_255_characters_alone_or_among_others(length: int) -> None:
    long = "a" * length
    for text in (long, f"b {long} c", f"b.c {long}"):
        cut = [text[start:end] for start, end in standard().spans(text)]

        assert list(standard().words(text)) == cut
        assert max(map(len, cut)) == min(length, 255)


@pytest.mark.parametrize("name", NAMES)
@given(text=ANY)
def test_tokens_stand_in_the_text_in_order_and_are_the_terms(name: str, text: str) -> None:
    tokens = analyzer(name).tokens(text)

    assert [(one.position, one.token) for one in tokens] == [
        (position, term.replace("\ufdd0", "\x1e").replace("\ufdd1", "\x1f"))
        for position, term in analyzer(name).terms(text)
    ]
    assert all(0 <= one.start_offset < one.end_offset <= len(text) for one in tokens)
    assert all(one.end_offset <= two.start_offset for one, two in pairwise(tokens))


@given(text=ANY, longest=st.integers(1, 9))
def test_no_token_is_longer_than_it_may_be(text: str, longest: int) -> None:
    for start, end in standard(longest).spans(text):
        assert end - start == 1 or len(text[start:end].encode("utf-16-le")) <= 2 * longest
        assert kind(text[start:end])


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=15, deadline=None)
@given(text=ANY)
def test_what_tantivy_indexes_is_found_by_each_of_the_terms(name: str, text: str) -> None:
    used = analyzer(name)
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("body", tokenizer_name=used.name_in_tantivy)
    index = tantivy.Index(builder.build())
    index.register_tokenizer(used.name_in_tantivy, used.in_tantivy())
    writer = index.writer(15_000_000, 1)
    writer.add_document(tantivy.Document(body=used.joined(text)))
    writer.commit()
    index.reload()

    for _, term in used.terms(text):
        query = tantivy.Query.term_query(index.schema, "body", term)
        assert len(index.searcher().search(query, 1).hits) == 1


def test_characters_that_part_tokens_in_the_projection_are_characters_of_a_text_like_others() -> None:
    (token,) = analyzer("keyword").tokens("a\x1eb\x1fc")

    assert (token.token, token.start_offset, token.end_offset) == ("a\x1eb\x1fc", 0, 5)
