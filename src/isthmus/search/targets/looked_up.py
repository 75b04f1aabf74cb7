"""The values that `terms` queries look up, read from their documents."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from isthmus.cluster.indices.catalogue import Catalogue
from isthmus.cluster.indices.documents import Documents
from isthmus.index.ledger.operation import StoredDocument
from isthmus.index.metadata.expressions import one_to_read
from isthmus.query.lookups import values_at
from isthmus.query.tree import Scalar, TermsLookup
from isthmus.search.service import LOOKUP
from isthmus.security.acting import check_seen, doing


async def looked_up(
    lookups: Sequence[TermsLookup], catalogue: Catalogue, documents: Documents
) -> dict[TermsLookup, list[Scalar]]:
    """Return the values of each lookup; none where there is no such document.

    Raises IndexNotFoundError, UsageError for a name of several indices, HolderAwayError, AuthorizationError.
    """
    return {one: await _values(one, catalogue, documents) for one in lookups}


async def _values(lookup: TermsLookup, catalogue: Catalogue, documents: Documents) -> list[Scalar]:
    index = one_to_read(lookup.index, catalogue.indices)
    with doing(LOOKUP):
        check_seen([lookup.index])
        (document,) = await documents.get(index, [lookup.id], names=(lookup.index,))
    return [] if document is None else _of(document, lookup.path)


def _of(document: StoredDocument, path: str) -> list[Scalar]:
    return values_at(msgspec.json.decode(document.source), path)
