"""Keys and signatures: strong enough, and of a kind that TLS stacks take."""

from __future__ import annotations

from collections.abc import Iterator

from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519

from isthmus.pki.form import weaknesses
from isthmus.pki.rules.facts import ChannelFacts, Circumstances, NodeFacts
from isthmus.pki.rules.rule import Breach
from isthmus.pki.rules.subjects import other_trusted, own, shown

_TLS13_CURVES = ("secp256r1", "secp384r1", "secp521r1")


def strong(channel: ChannelFacts, _node: NodeFacts, _circumstances: Circumstances) -> Iterator[Breach]:
    """Key sizes and digests; the signature of a root is not looked at by anybody."""
    for kind, one in [*own(channel), *(("trusted CA", one) for one in other_trusted(channel))]:
        for sentence in weaknesses(one):
            yield Breach(
                f"the {kind} {shown(one)}: {sentence}",
                "issue it anew with an EC P-256 or RSA 2048 key (or more) and SHA-256",
                severity="warning" if kind == "trusted CA" else None,
            )


def usual_kind(channel: ChannelFacts, _node: NodeFacts, _circumstances: Circumstances) -> Iterator[Breach]:
    """TLS 1.3 knows three curves for certificates besides the Edwards ones, which browsers do not take."""
    if not channel.presented:
        return
    key = channel.presented[0].public_key()
    mend = "use EC P-256, EC P-384 or RSA"
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name not in _TLS13_CURVES:
        yield Breach(f"the key is on the curve {key.curve.name}, which TLS 1.3 does not know for certificates", mend)
    elif isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey):
        yield Breach("the key is an Edwards one (Ed25519, Ed448), which not every client takes", mend, severity="note")
