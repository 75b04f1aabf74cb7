"""From documents as they came to operations of the ledger and rows of the projection."""
