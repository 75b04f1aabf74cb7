"""Certificate chains: put them in order, and check that one leads to a trusted certificate (RFC 5280 section 6)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from itertools import pairwise

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.x509.oid import ObjectIdentifier

from isthmus.errors import DataError
from isthmus.pki.form import extension, is_self_issued, may_sign_certificates, violations
from isthmus.pki.names import distinguished_name_text

MAX_CHAIN = 10

Chain = tuple[x509.Certificate, ...]


def was_issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Tell whether `issuer` signed `certificate`: the name fits and the signature verifies with the issuer's key."""
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def is_self_signed(certificate: x509.Certificate) -> bool:
    """Tell whether the certificate was signed with its own key."""
    return is_self_issued(certificate) and was_issued_by(certificate, certificate)


def build_chain(leaf: x509.Certificate, pool: Iterable[x509.Certificate]) -> Chain:
    """Order certificates: the leaf, its issuer out of `pool`, and so on up to a root or as far as the pool goes."""
    candidates, chain = list(pool), [leaf]
    while len(chain) < MAX_CHAIN and not is_self_issued(chain[-1]):
        above = [one for one in candidates if one not in chain and was_issued_by(chain[-1], one)]
        if not above:
            break
        chain.append(above[0])
    return tuple(chain)


def trusted_path(
    leaf: x509.Certificate, pool: Collection[x509.Certificate], trusted: Sequence[x509.Certificate]
) -> Chain:
    """Find a path from `leaf` to a trusted certificate (which ends it); empty if there is none.

    Any trusted certificate ends the path, root or not, as in Java and under OpenSSL's partial-chain flag.
    """
    paths: list[Chain] = [(leaf,)]
    while paths:
        path = paths.pop()
        if path[-1] in trusted:
            return path
        if len(path) < MAX_CHAIN and not is_self_issued(path[-1]):
            # Trusted ones go on the stack last, so that they are tried first and the path is as short as can be.
            above = [one for one in (*pool, *trusted) if one not in path and was_issued_by(path[-1], one)]
            paths += [(*path, one) for one in above]
    return ()


def check_chain(
    chain: Sequence[x509.Certificate],
    trusted: Sequence[x509.Certificate],
    where: str,
    *,
    purposes: Sequence[ObjectIdentifier] = (),
    moment: datetime | None = None,
    judge_issuers: bool = True,
) -> Chain:
    """Check that the first of `chain` leads through the others to a trusted one, every step within dates and rules.

    Gives the path found. Raises DataError with the first fault: no path, dates, an issuer that may not sign,
    a path length exceeded, identifiers that do not fit, a missing purpose, a broken rule (`judge_issuers` off: only
    the leaf's rules, for a CA that is used although it breaks some).
    """
    leaf = chain[0]
    path = trusted_path(leaf, chain[1:], trusted)
    if not path:
        raise DataError(
            f"no trusted certificate vouches for [{distinguished_name_text(leaf.subject)}], issued by "
            f"[{distinguished_name_text(leaf.issuer)}]",
            hint="add the missing intermediate to the chain or its CA to the trusted ones",
            where=where,
        )
    now = moment or datetime.now(UTC)
    for fault in _faults(path, purposes, now, judge_issuers):
        raise DataError(fault, hint="issue the certificate anew", where=where)
    return path


def _faults(path: Chain, purposes: Sequence[ObjectIdentifier], now: datetime, judge_issuers: bool) -> Iterable[str]:
    for certificate in path:
        shown = f"certificate [{distinguished_name_text(certificate.subject)}]"
        judged = judge_issuers or certificate is path[0]
        broken = [*_dates(certificate, now), *(violations(certificate) if judged else [])]
        yield from (f"{shown}: {fault}" for fault in broken)
    for below, (certificate, issuer) in enumerate(pairwise(path)):
        yield from _issuing(certificate, issuer, below)
    yield from _purposes(path[0], purposes)


def _dates(certificate: x509.Certificate, now: datetime) -> Iterable[str]:
    if now > certificate.not_valid_after_utc:
        yield f"it expired on {certificate.not_valid_after_utc:%Y-%m-%d %H:%M} UTC"
    if now < certificate.not_valid_before_utc:
        yield f"it is valid only from {certificate.not_valid_before_utc:%Y-%m-%d %H:%M} UTC"


def _issuing(certificate: x509.Certificate, issuer: x509.Certificate, intermediates_below: int) -> Iterable[str]:
    shown = f"issuer [{distinguished_name_text(issuer.subject)}]"
    if not may_sign_certificates(issuer):
        yield f"{shown} is not a CA"
    constraints = extension(issuer, x509.BasicConstraints)
    limit = constraints[0].path_length if constraints else None
    if limit is not None and intermediates_below > limit:
        yield f"{shown} allows {limit} intermediates below it, there are {intermediates_below}"
    if not identifiers_fit(certificate, issuer):
        yield f"{shown}: its subject key identifier is not the authority key identifier of what it issued"


def identifiers_fit(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Tell whether the authority key identifier is the issuer's subject key identifier, where both are there."""
    theirs = extension(certificate, x509.AuthorityKeyIdentifier)
    own = extension(issuer, x509.SubjectKeyIdentifier)
    if theirs is None or own is None or theirs[0].key_identifier is None:
        return True
    return theirs[0].key_identifier == own[0].digest


def _purposes(leaf: x509.Certificate, purposes: Sequence[ObjectIdentifier]) -> Iterable[str]:
    allowed = extension(leaf, x509.ExtendedKeyUsage)
    for purpose in purposes:
        if allowed is not None and purpose not in allowed[0]:
            yield f"certificate [{distinguished_name_text(leaf.subject)}]: it is not for {purpose._name}"
