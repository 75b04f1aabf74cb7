"""One index: a ledger of operations that is the truth, a search engine (Tantivy) that is a projection of it, and a
mapping between the two. No networking here; calls block and belong in threads.
"""
