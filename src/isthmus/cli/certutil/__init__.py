"""`isthmus certutil`: makes and signs certificates as `elasticsearch-certutil` does, with its flags and layouts.

ca, cert, csr, sign, http, show   one module a command
options    the flags they share           prompts    what a person is asked
instances  instances.yml and --name/--dns/--ip to checked values
authorities  --ca, --ca-cert, --ca-key to a checked CA
output     files that appear whole or not at all, after they were read back
archive    zip files                      proof      a handshake under OpenSSL's strict rules
"""

from __future__ import annotations

import click

from isthmus.cli.lazy import LazyCommands

_TABLE = {
    "ca": ("isthmus.cli.certutil.ca", "Make a certificate authority."),
    "cert": ("isthmus.cli.certutil.cert", "Make certificates and keys for one or many instances."),
    "csr": ("isthmus.cli.certutil.csr", "Make keys and certificate signing requests."),
    "sign": ("isthmus.cli.certutil.sign", "Sign certificate signing requests with a CA."),
    "http": ("isthmus.cli.certutil.http", "Make certificates or requests for the HTTP interface, guided."),
    "show": ("isthmus.cli.certutil.show", "Tell what is in a certificate, key, key store or request."),
}


@click.group(cls=LazyCommands, table=_TABLE)
def command() -> None:
    """Make and sign certificates for a cluster."""
