"""Tantivy beneath: what the ledger holds, in the form that searches need. It may be deleted at any time."""
