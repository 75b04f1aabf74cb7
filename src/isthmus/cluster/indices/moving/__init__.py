"""An index moves to another node of the cluster, while it is written to and searched.

The node that holds it (`leaving`) sends a consistent copy of the ledger, then the operations since, to the node that
shall hold it (`arriving`), which projects them. When few are left, writes wait, the rest is sent, and the new node
changes the catalogue's entry. That one compare-and-set is the switch: before it the old node holds the index, after it
the new one.

While a move goes on the entry says so (`relocating`). Who wants to end a move without knowing whether the switch was
made clears that first (`Catalogue.settle`): a switch that is still on its way fails by then, and the entry tells who
holds the index. So does a node that finds a move half done when it starts.

messages  what the two nodes say       marks     files in a shard's folder that tell that it is no whole or no current
orders    which moves a request means
leaving   the side that had the index  arriving  the side that will have it
"""
