"""`isthmus.tls.denied_certificates` in force: refused in handshakes, and expelled from open connections."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence

from cryptography import x509

from isthmus.cluster.membership import Membership
from isthmus.errors import UsageError
from isthmus.pki.denial import denial, implicated
from isthmus.settings.tls_settings import DENIED_CERTIFICATES
from isthmus.state.dynamic_settings import DynamicSettings
from isthmus.tls.judging import Judge
from isthmus.tls.live import TlsChannel
from isthmus.transport.service import TransportService

log = logging.getLogger(__name__)


class Denials:
    """Applies the list to every channel now and at each change. `served` ends the connections of others than nodes.

    A change that would cut off the node that is asked, or the owner of the state, is refused: nobody could take it
    back. Every other member may be denied, and loses its seat.
    """

    def __init__(
        self,
        dynamic: DynamicSettings,
        membership: Membership,
        transport: TransportService,
        transport_tls: TlsChannel | None,
        served: Mapping[TlsChannel, Callable[[Judge], object]],
    ) -> None:
        self._membership = membership
        self._transport = transport
        self._transport_tls = transport_tls
        self._served = served
        self._deny(dynamic.get(DENIED_CERTIFICATES))
        dynamic.on_change(DENIED_CERTIFICATES, self._apply)
        dynamic.guard(DENIED_CERTIFICATES, self._spare)

    def _apply(self, denied: tuple[str, ...]) -> None:
        log.info("%d certificates are denied now", len(denied))
        self._deny(denied)
        if self._transport_tls is not None:
            self._transport.expel(self._transport_tls.judge, at_once=True)
        for channel, expel in self._served.items():
            expel(channel.judge)

    def _deny(self, denied: tuple[str, ...]) -> None:
        for channel in (self._transport_tls, *self._served):
            if channel is not None:
                channel.denied = frozenset(denied)

    def _spare(self, denied: tuple[str, ...]) -> None:
        if self._transport_tls is None:
            return
        trusted = self._transport_tls.generation.trusted
        for who, chain in self._indispensable(self._transport_tls):
            found = denial(implicated(chain, trusted), denied)
            if found is not None:
                raise UsageError(
                    f"[{DENIED_CERTIFICATES.name}] would cut off {who}: {found}",
                    hint="give that node another certificate first; to expel it as it is, stop it and ask another node",
                )

    def _indispensable(self, own: TlsChannel) -> Iterator[tuple[str, Sequence[x509.Certificate]]]:
        membership = self._membership
        yield f"node [{membership.me.name}], which is asked", own.generation.chain
        owner = membership.owner
        identity = None if owner is None else self._transport.identity_of(owner.id)
        if owner is not None and identity is not None:
            yield f"node [{owner.name}], which owns the cluster's state", identity.chain
