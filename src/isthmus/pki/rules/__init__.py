"""The rules that the certificates of a node and of a cluster must obey, one function each.

facts     what the rules look at: files, channels, nodes, circumstances
rule      what a rule is, and what it finds
"""
