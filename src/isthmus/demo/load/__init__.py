"""Constant load on a cluster, so that it can be said what a change of certificates cost: nothing, or which request.

workload    a name and an async function that does one request and raises if it failed
tally       what was counted of the workloads of one name
background  runs workloads at a bounded rate in a thread of its own, for a bounded time
https       requests over HTTPS: a new connection for each, or one that is kept
membership  which nodes there must be, and which there may be
questions   what is asked over HTTPS, and whether the answers are right
peers       node to node: dials as a node does, with the files that its folder holds now
cluster     all workloads that every cluster can bear
"""
