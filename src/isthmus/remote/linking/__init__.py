"""Links to other clusters: which there are, how each is reached, and the connections to it."""
