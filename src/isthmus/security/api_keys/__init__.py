"""API keys: what stands in the cluster's state, and the check of one that somebody came with.

stored  one key as it stands in the state       realm   credentials to an authentication
"""
