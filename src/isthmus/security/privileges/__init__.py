"""What the names of privileges stand for: sets of actions, in tables. Pure.

cluster   the privileges over the cluster
index     the privileges over indices
actions   names to the actions that they grant, and actions to the names that grant them
"""
