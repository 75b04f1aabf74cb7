"""`isthmus doctor`: what is wrong with the certificates of a cluster."""
