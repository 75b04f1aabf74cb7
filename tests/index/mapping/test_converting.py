"""A number that no column can hold is refused by its field, however it is written."""

from __future__ import annotations

import pytest

from isthmus.index.analysis.analyzers import Analyzers
from isthmus.index.mapping.converting import converter, for_query
from isthmus.index.mapping.mapping import Mapping

ANALYZERS = Analyzers()
FIELDS = Mapping.of(
    {
        "properties": {
            **{name: {"type": name} for name in ("double", "float")},
            "scaled_float": {"type": "scaled_float", "scaling_factor": 100},
        }
    },
    ANALYZERS,
)
LONG = 10**380


@pytest.mark.parametrize(
    "value",
    [LONG, -LONG, str(LONG), str(-LONG), "1e999"],
    ids=["whole", "negative", "text", "negative text", "text with an exponent"],
)
@pytest.mark.parametrize("name", ["double", "float", "scaled_float"])
def test_a_number_beyond_all_doubles_is_refused(name: str, value: object) -> None:
    field = FIELDS.field(name)
    assert field is not None
    with pytest.raises(ValueError, match="only finite values"):
        for_query(field, value)
    with pytest.raises(ValueError, match="only finite values"):
        converter(field, ANALYZERS)(value)


def test_a_number_that_is_too_large_only_when_it_is_scaled_is_refused() -> None:
    field = FIELDS.field("scaled_float")
    assert field is not None
    with pytest.raises(ValueError, match="only finite values"):
        for_query(field, 1e308)
