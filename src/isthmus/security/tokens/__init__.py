"""Access tokens that the cluster gives out: short-lived, with a refresh token that is good once.

stored  one pair of tokens as it stands in the state, and how the texts are made and read
realm   a bearer token to an authentication               service  tokens given, refreshed and invalidated
"""
