"""`isthmus remote add`: what a link needs, tried from here, and the request that makes it."""

from __future__ import annotations

import asyncio
import json
import os

import click

from isthmus.cli.keystore.opening import open_keystore
from isthmus.errors import UsageError
from isthmus.keystore import secure_settings
from isthmus.pki.names import distinguished_name_text
from isthmus.remote.linking.probe import Probed, probe
from isthmus.settings import find_conf_dir, load, node_settings
from isthmus.settings.cluster_settings import REMOTE_CREDENTIALS
from isthmus.settings.remote_settings import host_and_port
from isthmus.settings.ssl_settings import REMOTE_CLUSTER_CLIENT_SSL
from isthmus.tls.config import ChannelConfig
from isthmus.tls.live import TlsChannel

MOST_SHOWN = 20
SECONDS = 10.0


@click.command()
@click.argument("alias")
@click.argument("address")
@click.option("--probe", "probes", is_flag=True, help="Connect first, and tell what is there.")
@click.option("--server-name", help="The name that the certificate must bear, in place of the address.")
def command(alias: str, address: str, probes: bool, server_name: str | None) -> None:
    """Print the request that registers the cluster at ADDRESS (host:port of its remote cluster port) as ALIAS.

    With --probe it is reached from here first, with this node's trust and the API key in its keystore.
    """
    try:
        host_and_port(address)
    except ValueError as cause:
        raise UsageError(str(cause), hint="such as east.example.com:9443") from cause
    if REMOTE_CREDENTIALS.match(f"cluster.remote.{alias}.credentials") is None:
        raise UsageError(f"[{alias[:100]}] cannot be an alias: it has letters, digits, '_' and '-' alone")
    if probes:
        _tell(address, _probed(alias, address, server_name))
    settings = {"mode": "proxy", "proxy_address": address} | ({"server_name": server_name} if server_name else {})
    click.echo("PUT /_cluster/settings")
    click.echo(json.dumps({"persistent": {"cluster": {"remote": {alias: settings}}}}, indent=2))


def _probed(alias: str, address: str, server_name: str | None) -> Probed:
    secure = secure_settings(open_keystore())
    name = f"cluster.remote.{alias}.credentials"
    if name not in secure:
        raise UsageError(
            f"there is no API key for [{alias}]",
            hint=f"make a cross-cluster API key there, and 'isthmus keystore add {name}' here",
        )
    settings = load(find_conf_dir(os.environ), environ=os.environ, secure=secure)
    is_encrypted = settings.get(REMOTE_CLUSTER_CLIENT_SSL.enabled)
    tls = TlsChannel(ChannelConfig.from_settings(settings, REMOTE_CLUSTER_CLIENT_SSL)) if is_encrypted else None
    node = settings.get(node_settings.NODE_NAME)
    return asyncio.run(probe(address, tls, secure[name], node, server_name=server_name, timeout=SECONDS))


def _tell(address: str, found: Probed) -> None:
    _good(f"{address} is reached")
    if found.identity is not None:
        _good(f"{found.identity.protocol}; the certificate is trusted here:")
        for one in found.identity.chain:
            until = one.not_valid_after_utc.date().isoformat()
            issuer = distinguished_name_text(one.issuer)
            click.echo(f"    {distinguished_name_text(one.subject)}, issued by {issuer}, until {until}", err=True)
    _good("a remote cluster port answers, and takes the API key")
    _good(f"the cluster is called [{found.cluster_name}], its node [{found.node.name}] is of version {found.release}")
    shown = ", ".join(found.indices[:MOST_SHOWN]) or "none"
    more = f" and {len(found.indices) - MOST_SHOWN} more" if len(found.indices) > MOST_SHOWN else ""
    _good(f"the key lets {len(found.indices)} indices be searched: {shown}{more}")


def _good(text: str) -> None:
    click.echo(f"✓ {text}", err=True)
