"""Who belongs to the cluster and who owns its state.

The owner is the first node of `cluster.initial_master_nodes`, until `take-over` promotes another. It admits members,
orders writes to the map and publishes both. Deciding is pure (`discovery`, `admission`); `owner`, `follower` and
`service` carry decisions out.
"""
