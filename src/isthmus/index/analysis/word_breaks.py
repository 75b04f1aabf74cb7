"""Where words begin and end by UAX #29, as Lucene's standard tokenizer has it, and which kind each is. Pure.

https://unicode.org/reports/tr29/#Word_Boundaries
"""

from __future__ import annotations

import re
from typing import Final

import regex

# UAX #29 for ASCII: letters hold together over one of .:' between letters, digits over one of .,;' between digits,
# and underscores join both.
_ASCII_SEGMENT = r"(?:[A-Za-z]+(?:[.:'][A-Za-z]+)*|[0-9]+(?:[.,;'][0-9]+)*)+"
ASCII_WORD: Final = re.compile(rf"_*{_ASCII_SEGMENT}(?:_+{_ASCII_SEGMENT})*_*")

# Signs before numbers, which later versions of Unicode than Lucene's count to the numbers.
_SIGNS = r"\u0600-\u0605\u06DD\u0890\u0891\u08E2\U000110BD\U000110CD"
_EXTEND = rf"[\p{{WB=Extend}}\p{{WB=Format}}\p{{WB=ZWJ}}{_SIGNS}]*"
_HEBREW = rf"(?:\p{{WB=Hebrew_Letter}}{_EXTEND})"
_SINGLE_QUOTE = rf"(?:\p{{WB=Single_Quote}}{_EXTEND})"
_DOUBLE_QUOTE = rf"(?:\p{{WB=Double_Quote}}{_EXTEND})"
_LETTER = (
    rf"(?:{_HEBREW}(?:{_DOUBLE_QUOTE}{_HEBREW}|{_SINGLE_QUOTE})|[\p{{WB=ALetter}}\p{{WB=Hebrew_Letter}}]{_EXTEND})"
)
_NUMERIC = rf"(?:[\p{{WB=Numeric}}--[{_SIGNS}]]{_EXTEND})"
_KATAKANA = rf"(?:\p{{WB=Katakana}}{_EXTEND})"
_UNDERSCORE = rf"(?:\p{{WB=ExtendNumLet}}{_EXTEND})"
_MID_LETTER = rf"(?:[\p{{WB=MidLetter}}\p{{WB=MidNumLet}}\p{{WB=Single_Quote}}]{_EXTEND})"
_MID_NUMBER = rf"(?:[\p{{WB=MidNum}}\p{{WB=MidNumLet}}\p{{WB=Single_Quote}}]{_EXTEND})"
_SEGMENT = rf"(?:(?:{_LETTER}(?:{_MID_LETTER}?{_LETTER})*|{_NUMERIC}(?:{_MID_NUMBER}?{_NUMERIC})*)+|{_KATAKANA}+)"
_HAN = rf"\p{{Han}}{_EXTEND}"
_HIRAGANA = rf"\p{{Hiragana}}{_EXTEND}"
_SOUTHEAST_ASIAN = rf"(?:\p{{LB=SA}}{_EXTEND})+"
_PICTURE = rf"[\p{{Extended_Pictographic}}\U0001F3FB-\U0001F3FF]{_EXTEND}"
_EMOJI = (
    rf"\p{{Regional_Indicator}}{_EXTEND}\p{{Regional_Indicator}}{_EXTEND}"
    rf"|[0-9#*]\uFE0F?\u20E3{_EXTEND}|\u200D*{_PICTURE}(?:(?<=\u200D){_PICTURE})*"
)
WORD: Final = regex.compile(
    rf"{_UNDERSCORE}*{_SEGMENT}(?:{_UNDERSCORE}+{_SEGMENT})*{_UNDERSCORE}*"
    rf"|{_SOUTHEAST_ASIAN}|{_HAN}|{_HIRAGANA}|{_EMOJI}",
    regex.V1,
)
_KINDS: Final = tuple(
    (f"<{name}>", regex.compile(pattern, regex.V1))
    for name, pattern in (
        ("EMOJI", _EMOJI),
        ("NUM", rf"{_UNDERSCORE}*{_NUMERIC}(?:(?:{_UNDERSCORE}*|{_MID_NUMBER}){_NUMERIC})*{_UNDERSCORE}*"),
        ("HANGUL", rf"(?:[\p{{Hangul}}&&\p{{WB=ALetter}}]{_EXTEND})+"),
        ("KATAKANA", rf"{_KATAKANA}+"),
        ("SOUTHEAST_ASIAN", _SOUTHEAST_ASIAN),
        ("IDEOGRAPHIC", rf"[\p{{Han}}--\p{{WB=ALetter}}]{_EXTEND}"),
        ("HIRAGANA", _HIRAGANA),
    )
)


def kind(word: str) -> str:
    """Return the type of a token of the standard tokenizer, as `_analyze` shows it."""
    for name, pattern in _KINDS:
        if pattern.fullmatch(word):
            return name
    return "<ALPHANUM>"
