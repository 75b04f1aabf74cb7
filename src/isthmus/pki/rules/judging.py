"""Judge a node, or the nodes of a cluster, by all rules. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from isthmus.pki.rules.catalogue import CLUSTER_RULES, RULES
from isthmus.pki.rules.facts import ChannelFacts, Circumstances, NodeFacts
from isthmus.pki.rules.rule import Breach, ClusterRule, Finding, Rule


def judge(node: NodeFacts, circumstances: Circumstances) -> list[Finding]:
    """List what is wrong with one node, by channel and in the order of the rules; empty when nothing is."""
    return [found for channel in node.channels for found in _of_channel(channel, node, circumstances)]


def judge_cluster(nodes: Sequence[NodeFacts], circumstances: Circumstances) -> list[Finding]:
    """List what only several nodes together show; what `judge` finds of each is not repeated."""
    names = dict.fromkeys(channel.name for node in nodes for channel in node.channels)
    return [found for name in names for found in _of_members(name, nodes, circumstances)]


def _of_channel(channel: ChannelFacts, node: NodeFacts, circumstances: Circumstances) -> Iterator[Finding]:
    for rule in RULES:
        if rule.of_disabled is not channel.enabled:
            yield from _findings(rule, node.name, channel, rule.judge(channel, node, circumstances))


def _of_members(name: str, nodes: Sequence[NodeFacts], circumstances: Circumstances) -> Iterator[Finding]:
    members = [(node, channel) for node in nodes if (channel := node.channel(name)) is not None]
    if len(members) > 1:
        for rule in CLUSTER_RULES:
            yield from _findings(rule, "", members[0][1], rule.judge(members, circumstances))


def _findings(
    rule: Rule | ClusterRule, node: str, channel: ChannelFacts, breaches: Iterable[Breach]
) -> Iterator[Finding]:
    for one in dict.fromkeys(breaches):
        yield Finding(
            rule=rule.id,
            severity=one.severity or rule.severity,
            page=rule.page,
            node=node,
            channel=channel.name,
            where=one.where or channel.prefix,
            sentence=one.sentence,
            mend=one.mend,
        )
