"""What the cluster knows of its indices: settings, mappings, aliases, templates, and how names in requests become
indices. Pure values; `cluster` keeps them in the replicated map.
"""
