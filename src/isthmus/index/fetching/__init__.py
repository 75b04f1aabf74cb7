"""From the hits that were chosen to the hits that are shown: their sources as asked for, fields, highlights,
explanations and the names of the queries that matched.
"""

from isthmus.index.fetching.fetch import fetch
from isthmus.index.fetching.view import Chosen, FetchView

__all__ = ["Chosen", "FetchView", "fetch"]
