"""The targets of a search in one cluster: the indices of this node, and those of another node."""
