"""The analyzers of one index: those that are built in, and those of its settings.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/analysis-analyzers.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache

from isthmus.index.analysis import filters, tokenizers
from isthmus.index.analysis.analyzer import Analyzer
from isthmus.index.analysis.filters import Filter, UnsupportedAnalysisError
from isthmus.index.analysis.tokenizers import Tokenizer

Stored = str | list[str]
Section = dict[str, dict[str, Stored]]
PREFIX = "index.analysis."
KINDS = ("analyzer", "tokenizer", "filter")
MAX_NGRAM_DIFFERENCE = 20
BUILT_IN = ("keyword", "simple", "standard", "stop", "whitespace")
TOKENIZERS = ("edge_ngram", "keyword", "letter", "lowercase", "ngram", "standard", "whitespace")
_CLASSES: Mapping[str, Callable[[str], bool]] = {
    "letter": str.isalpha,
    "digit": str.isdecimal,
    "whitespace": str.isspace,
    "punctuation": lambda one: bool(re.match(r"[!-#%-*,-/:;?@\[-\]_{}]", one)),
    "symbol": lambda one: one in "$+<=>^`|~",
}


class Analyzers:
    """`settings` are an index's flat settings. Raises UnsupportedAnalysisError for what they define and is not
    supported."""

    def __init__(self, settings: Mapping[str, Stored] | None = None) -> None:
        self._settings = {name: value for name, value in (settings or {}).items() if name.startswith(PREFIX)}
        self._sections = _sections(self._settings)
        self._custom = {name: self._defined(name, given) for name, given in self._sections["analyzer"].items()}
        for name, given in self._sections["tokenizer"].items():
            self._tokenizer_of(name, given)
        for name in self._sections["filter"]:
            self._filter(name)

    @property
    def default(self) -> str:
        """The name of the analyzer of fields that name none."""
        return "default" if "default" in self._custom else "standard"

    def get(self, name: str) -> Analyzer:
        """Return an analyzer. Raises UnsupportedAnalysisError if there is none of this name."""
        found = self._custom.get(name) or built_in(name)
        if found is None:
            raise UnsupportedAnalysisError(f"failed to find analyzer [{name[:100]}]")
        return found

    def with_more(self, settings: Mapping[str, Stored]) -> Analyzers:
        """Return these analyzers and what more settings define; raises as the class."""
        return Analyzers({**self._settings, **settings}) if settings else self

    def assembled(self, tokenizer: str, names: list[str]) -> Analyzer:
        """Return the analyzer of a tokenizer and filters, by their names."""
        found = self._tokenizer(tokenizer)
        lowercase = [filters.lowercase()] if found.lowercases else []
        return Analyzer("_custom_", found, (*lowercase, *map(self._filter, names)))

    def _defined(self, name: str, given: dict[str, Stored]) -> Analyzer:
        type_ = str(given.get("type", "custom"))
        options = {key: value for key, value in given.items() if key != "type"}
        if type_ == "custom":
            _only(name, options, ("char_filter", "filter", "position_increment_gap", "tokenizer"))
            if _texts(options.get("char_filter", [])):
                raise UnsupportedAnalysisError(f"[char_filter] of the analyzer [{name}] is not supported")
            if str(options.get("position_increment_gap", "100")) != "100":
                raise UnsupportedAnalysisError(f"[position_increment_gap] of the analyzer [{name}] can only be 100")
            if "tokenizer" not in options:
                raise UnsupportedAnalysisError(
                    f"analyzer [{name}] must specify either an analyzer type, or a tokenizer"
                )
            made = self.assembled(str(options["tokenizer"]), _texts(options.get("filter", [])))
            return Analyzer(name, made.tokenizer, made.filters)
        if type_ == "standard":
            _only(name, options, ("max_token_length", "stopwords"))
            longest = int(str(options.get("max_token_length", tokenizers.MAX_TOKEN_LENGTH)))
            chain = [filters.lowercase()]
            if "stopwords" in options:
                chain.append(filters.of(name, "stop", {"stopwords": options["stopwords"]}))
            return Analyzer(name, tokenizers.standard(longest), tuple(chain))
        if type_ == "stop":
            _only(name, options, ("stopwords",))
            chain = [filters.lowercase(), filters.of(name, "stop", options)]
            return Analyzer(name, tokenizers.letter(), tuple(chain))
        found = built_in(type_)
        if found is None:
            raise UnsupportedAnalysisError(f"Unknown analyzer type [{type_[:50]}] for [{name}]")
        _only(name, options, ())
        return Analyzer(name, found.tokenizer, found.filters)

    def _tokenizer(self, name: str) -> Tokenizer:
        given = self._sections["tokenizer"].get(name)
        return self._tokenizer_of(name, {"type": name} if given is None else given)

    def _tokenizer_of(self, name: str, given: Mapping[str, Stored]) -> Tokenizer:
        type_ = str(given.get("type", ""))
        options = {key: value for key, value in given.items() if key != "type"}
        if type_ not in TOKENIZERS:
            raise UnsupportedAnalysisError(
                f"the tokenizer [{name}] of type [{type_[:50]}] is not supported",
                hint=f"supported are {', '.join(TOKENIZERS)}",
            )
        if type_ in ("ngram", "edge_ngram"):
            return _ngram(name, type_, options)
        _only(name, options, ("max_token_length",) if type_ == "standard" else ())
        if type_ == "standard":
            return tokenizers.standard(int(str(options.get("max_token_length", tokenizers.MAX_TOKEN_LENGTH))))
        if type_ == "lowercase":
            letters = tokenizers.letter()
            return Tokenizer("lowercase", letters.spans, letters.words, lowercases=True)
        made: Mapping[str, Callable[[], Tokenizer]] = {
            "keyword": tokenizers.keyword,
            "letter": tokenizers.letter,
            "whitespace": tokenizers.whitespace,
        }
        return made[type_]()

    def _filter(self, name: str) -> Filter:
        given = self._sections["filter"].get(name, {"type": name})
        return filters.of(name, str(given.get("type", "")), given)


@cache
def built_in(name: str) -> Analyzer | None:
    """Return an analyzer that every index has, None if there is none of this name."""
    lower = filters.lowercase()
    if name in ("standard", "default"):
        return Analyzer("standard", tokenizers.standard(), (lower,))
    if name == "simple":
        return Analyzer(name, tokenizers.letter(), (lower,))
    if name == "whitespace":
        return Analyzer(name, tokenizers.whitespace())
    if name == "keyword":
        return Analyzer(name, tokenizers.keyword())
    if name == "stop":
        return Analyzer(name, tokenizers.letter(), (lower, filters.stop(filters.ENGLISH_STOPWORDS)))
    if name in filters.STEMMED:
        stopped = (filters.stop_language(name),) if name in filters.STOPPED else ()
        before = (filters.possessive(), lower) if name == "english" else (lower,)
        return Analyzer(name, tokenizers.standard(), (*before, *stopped, filters.stemmer(name)))
    return None


def _ngram(name: str, type_: str, options: Mapping[str, Stored]) -> Tokenizer:
    _only(name, options, ("min_gram", "max_gram", "token_chars"))
    edge = type_ == "edge_ngram"
    least = int(str(options.get("min_gram", "1")))
    most = int(str(options.get("max_gram", "2")))
    if not 1 <= least <= most <= least + MAX_NGRAM_DIFFERENCE:
        raise UnsupportedAnalysisError(
            f"[min_gram] and [max_gram] of the tokenizer [{name}] are [{least}] and [{most}]"
        )
    classes = _texts(options.get("token_chars", []))
    unknown = [one for one in classes if one not in _CLASSES]
    if unknown:
        raise UnsupportedAnalysisError(f"[token_chars] of the tokenizer [{name}] may not be [{unknown[0]}]")
    kept = None if not classes else lambda one: any(_CLASSES[name](one) for name in classes)
    return tokenizers.ngram(least, most, edge=edge, kept=kept)


def _sections(settings: Mapping[str, Stored]) -> dict[str, Section]:
    sections: dict[str, Section] = {kind: {} for kind in KINDS}
    for path, value in settings.items():
        if not path.startswith(PREFIX):
            continue
        kind, _, rest = path.removeprefix(PREFIX).partition(".")
        name, _, option = rest.rpartition(".")
        if kind not in KINDS or not name:
            raise UnsupportedAnalysisError(f"[{path[:200]}] is not supported")
        # A list may be written one by one: stopwords.0, stopwords.1
        if option.isdecimal():
            name, _, option = name.rpartition(".")
            listed = sections[kind].setdefault(name, {}).setdefault(option, [])
            if isinstance(listed, list):
                listed.append(str(value))
            continue
        sections[kind].setdefault(name, {})[option] = value
    return sections


def _only(name: str, options: Mapping[str, Stored], known: tuple[str, ...]) -> None:
    unknown = [key for key in options if key not in known]
    if unknown:
        raise UnsupportedAnalysisError(f"[{unknown[0][:50]}] of [{name}] is not supported")


def _texts(value: Stored) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
