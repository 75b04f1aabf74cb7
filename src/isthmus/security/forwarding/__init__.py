"""Who acts, from node to node: each request between nodes says for whom it is, and is judged again where it runs.

header   who acts and by which action, as the value of a request header (pure)
asking   the sending side: whose header goes with which request
guard    the receiving side: the one place where requests of other nodes are judged
system   a node itself, which acts for nobody
"""
