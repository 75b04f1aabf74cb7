"""Isthmus: a small search node that a real Elasticsearch can trust, link to and search.

The packages are layers; `docs/architecture.md` names them from the bottom up.
"""

__version__ = "0.1.0"
