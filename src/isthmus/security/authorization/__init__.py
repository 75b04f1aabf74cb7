"""What somebody may do.

access      which documents and fields of an index may be seen
role        one layer: what some roles grant together, compiled
permission  all layers: a role's, and for an API key its own and its owner's
denial      the sentence for who may not
questions   what `_has_privileges` and `user/_privileges` answer
"""
