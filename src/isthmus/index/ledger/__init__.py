"""The truth of an index: one SQLite file with every document and every operation, synced before it is acknowledged."""
