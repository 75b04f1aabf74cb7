"""The one shard of an index at work: ledger, projection and mapping together, on the node that holds it."""
