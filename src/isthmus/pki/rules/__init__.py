"""The rules that the certificates of a node and of a cluster must obey, one function each.

facts     what the rules look at: files, channels, nodes, circumstances
rule      what a rule is, and what it finds
catalogue all rules, in reading order
judging   all rules applied to a node, or to the nodes of a cluster
pages     the documents that the rules come from
subjects  leaf, path and anchors of a channel

The rules themselves stand in usage, authority, names, chain, strength, dates, files, protocol and cluster.
"""

from isthmus.pki.rules.catalogue import CLUSTER_RULES, RULES
from isthmus.pki.rules.facts import ChannelFacts, Circumstances, FileFacts, NodeFacts
from isthmus.pki.rules.judging import judge, judge_cluster
from isthmus.pki.rules.rule import Finding, Severity

__all__ = [
    "CLUSTER_RULES",
    "RULES",
    "ChannelFacts",
    "Circumstances",
    "FileFacts",
    "Finding",
    "NodeFacts",
    "Severity",
    "judge",
    "judge_cluster",
]
