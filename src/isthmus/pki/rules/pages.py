"""The documents that the rules come from, by title, with the section or the standard that says it."""

from __future__ import annotations

_EXTERNAL = "Using an external certificate authority"

REQUIREMENTS = f"{_EXTERNAL}: requirements"
DEDICATED = f"{_EXTERNAL}: a dedicated private certificate authority for each cluster"
HTTP_APART = f"{_EXTERNAL}: transport certificates and HTTP certificates"
MUTUAL = f"{_EXTERNAL}: turning off mTLS"
TRANSPORT = "Encrypting the transport traffic of a cluster: a certificate for each node, from a CA that all trust"
CHANNELS = "Manage TLS certificates: communication channels"
RENEWAL = "Manage TLS certificates: certificates must be renewed before expiry"
HANDLING = "Manage TLS certificates: security certificates and keys"
VERSIONS = "Manage TLS certificates: SSL/TLS version compatibility"
OWN_AUTHORITY = "Manage transport certificates on ECK: a custom certificate authority"
REMOTE = "Add remote clusters using API key authentication: trust between the clusters"
