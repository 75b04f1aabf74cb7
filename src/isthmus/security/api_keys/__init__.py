"""API keys: how they are made, changed, found and invalidated, and the check of one that somebody came with.

stored  one key as it stands in the state       realm    credentials to an authentication
orders  what requests to make and change say    access   what a cross-cluster key may reach
owner   whose a key is                          service  keys made, changed and invalidated
"""
