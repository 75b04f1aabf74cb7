"""Token filters: those of Elasticsearch that Tantivy does the same way. All others are refused by name.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/analysis-tokenfilters.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import tantivy

from isthmus.errors import UsageError

ENGLISH_STOPWORDS: Final = (
    *("a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "if", "in", "into", "is", "it", "no", "not"),
    *("of", "on", "or", "such", "that", "the", "their", "then", "there", "these", "they", "this", "to", "was"),
    *("will", "with"),
)
STEMMED: Final = (
    *("arabic", "danish", "dutch", "english", "finnish", "french", "german", "greek", "hungarian", "italian"),
    *("norwegian", "portuguese", "romanian", "russian", "spanish", "swedish", "tamil", "turkish"),
)
STOPPED: Final = (
    *("danish", "dutch", "english", "finnish", "french", "german", "hungarian", "italian", "norwegian"),
    *("portuguese", "russian", "spanish", "swedish"),
)
_MANY = 10_000
_POSSESSIVE: Final = re.compile(r"['’＇][sS](?=[ \x1f]|$)")
KNOWN: Final[Mapping[str, tuple[str, ...]]] = {
    "lowercase": (),
    "asciifolding": ("preserve_original",),
    "stop": ("stopwords", "ignore_case"),
    "stemmer": ("language", "name"),
    "snowball": ("language",),
}
"""The filters that an index may define, and the options of each."""
LETTERS: Final = ("asciifolding", "lowercase")
"""The filters that change letters, word for word."""


@dataclass(frozen=True, slots=True)
class Filter:
    """`definition` says what it does, in full; `make` gives Tantivy's. `rewrite` is what we do to tokens ourselves,
    before any of Tantivy's filters: in a text that may hold several, parted by anything but letters."""

    definition: str
    make: Callable[[], tantivy.Filter] | None
    rewrite: Callable[[str], str] | None = None


class UnsupportedAnalysisError(UsageError):
    """A tokenizer, filter or option that is not supported."""

    type = "illegal_argument_exception"


def lowercase() -> Filter:
    """Small letters."""
    return Filter("lowercase", tantivy.Filter.lowercase, _plain_i)


def possessive() -> Filter:
    """Takes an English 's from the end of words."""
    return Filter("possessive", None, _without_possessive)


def asciifolding() -> Filter:
    """Letters without their marks."""
    return Filter("asciifolding", tantivy.Filter.ascii_fold)


def stop(words: Iterable[str]) -> Filter:
    """Leaves words out; what follows keeps its position."""
    listed = sorted(set(words))
    return Filter(f"stop({','.join(listed)})", lambda: tantivy.Filter.custom_stopword(listed))


def stop_language(language: str) -> Filter:
    """Leaves a language's common words out."""
    if language == "english":
        return stop(ENGLISH_STOPWORDS)
    return Filter(f"stop_{language}", lambda: tantivy.Filter.stopword(language))


def stemmer(language: str) -> Filter:
    """Cuts words to their stems, as Snowball does."""
    return Filter(f"stemmer_{language}", lambda: tantivy.Filter.stemmer(language))


def of(name: str, type_: str, options: Mapping[str, str | list[str]]) -> Filter:
    """Return the filter of an index's settings. Raises UnsupportedAnalysisError by name."""
    given = {key: value for key, value in options.items() if key != "type"}
    if type_ not in KNOWN:
        raise UnsupportedAnalysisError(
            f"the token filter [{name}] of type [{type_}] is not supported", hint=f"supported are {', '.join(KNOWN)}"
        )
    unknown = [key for key in given if key not in KNOWN[type_]]
    if unknown:
        raise UnsupportedAnalysisError(f"[{unknown[0]}] of the token filter [{name}] is not supported")
    if type_ == "lowercase":
        return lowercase()
    if type_ == "asciifolding":
        if given.get("preserve_original", "false") != "false":
            raise UnsupportedAnalysisError(f"[preserve_original] of the token filter [{name}] is not supported")
        return asciifolding()
    if type_ == "stop":
        return _stop(name, given)
    return stemmer(_language(name, str(given.get("language", given.get("name", "english"))).lower(), STEMMED))


def _stop(name: str, given: Mapping[str, str | list[str]]) -> Filter:
    if given.get("ignore_case", "false") != "false":
        raise UnsupportedAnalysisError(f"[ignore_case] of the token filter [{name}] is not supported")
    words = given.get("stopwords", "_english_")
    listed = [words] if isinstance(words, str) else words
    if len(listed) > _MANY:
        raise UnsupportedAnalysisError(f"the token filter [{name}] has more than {_MANY} stopwords")
    if len(listed) == 1 and listed[0].startswith("_"):
        language = listed[0].strip("_")
        return stop(()) if language == "none" else stop_language(_language(name, language, STOPPED))
    return stop(listed)


def _language(name: str, language: str, known: tuple[str, ...]) -> str:
    if language not in known:
        raise UnsupportedAnalysisError(
            f"the language [{language[:50]}] of the token filter [{name}] is not supported",
            hint=f"supported are {', '.join(known)}",
        )
    return language


def _plain_i(text: str) -> str:
    # Java's small letter of this one has no combining dot, Rust's has.
    return text if text.isascii() or "İ" not in text else text.replace("İ", "i")


def _without_possessive(text: str) -> str:
    return _POSSESSIVE.sub("", text)
