"""What a rule is, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from isthmus.pki.rules.facts import ChannelFacts, Circumstances, NodeFacts

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that is broken: what is wrong, where (file, setting or node), and what to do.

    `rule`, `severity` and `page` are those of the rule; `node` is the node's name, empty where the finding concerns
    several (`where` names them then).
    """

    rule: str
    severity: Severity
    page: str
    node: str
    channel: str
    where: str
    sentence: str
    mend: str


@dataclass(frozen=True, slots=True)
class Breach:
    """What one rule says of one place: `sentence` for a person, `mend`, and `where` if not the channel's settings."""

    sentence: str
    mend: str
    where: str = ""
    severity: Severity | None = None


Judge = Callable[[ChannelFacts, NodeFacts, Circumstances], Iterator[Breach]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule over a channel of a node. `id` is kebab-case; `page` names the document (and section) it comes from.

    A breach has the rule's `severity` unless it brings a milder one of its own. Rules look at channels with TLS, those
    `of_disabled` at channels without.
    """

    id: str
    severity: Severity
    page: str
    judge: Judge
    of_disabled: bool = False


Member = tuple[NodeFacts, ChannelFacts]
ClusterJudge = Callable[[Sequence[Member], Circumstances], Iterator[Breach]]


@dataclass(frozen=True, slots=True)
class ClusterRule:
    """One rule over the same channel of several nodes; each breach brings its `where`, the names of the nodes."""

    id: str
    severity: Severity
    page: str
    judge: ClusterJudge
