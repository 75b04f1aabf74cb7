"""Metrics as text that Prometheus reads, version 0.0.4. Pure.

https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True)
class Sample:
    """One value, and the labels that tell it from others of its family."""

    value: float
    labels: Mapping[str, str]


@dataclass(frozen=True)
class Family:
    """All samples of one name. Names are those of our own code, values of labels may be anybody's."""

    name: str
    kind: Literal["counter", "gauge"]
    help: str
    samples: Sequence[Sample]


def gauge(
    name: str,
    help: str,  # noqa: A002 - the format's own name
    value: float | None,
    labels: Mapping[str, str] | None = None,
) -> Family:
    """Return a family of one sample, or of none where the value is not known."""
    return Family(name, "gauge", help, [] if value is None else [Sample(value, labels or {})])


def expose(families: Iterable[Family]) -> str:
    """Return the text. A family without samples is left out, and of samples with equal labels the first counts."""
    return "".join(line for family in families if family.samples for line in _lines(family))


def _lines(family: Family) -> Iterator[str]:
    yield f"# HELP {family.name} {_escaped(family.help)}\n"
    yield f"# TYPE {family.name} {family.kind}\n"
    samples: dict[str, float] = {}
    for sample in family.samples:
        samples.setdefault(_labels(sample.labels), sample.value)
    for labels, value in samples.items():
        yield f"{family.name}{labels} {_number(value)}\n"


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_quoted(value)}"' for name, value in labels.items()) + "}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n")


def _quoted(text: str) -> str:
    readable = text.encode(errors="replace").decode()
    return _escaped(readable).replace('"', '\\"')


def _number(value: float) -> str:
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return "NaN" if math.isnan(value) else repr(value)
