"""A bundle is what a TLS peer needs: a private key, its certificate and chain, and the certificates it trusts.

Read from PEM, PKCS#12 or JKS; written as PEM or PKCS#12. The formats of key stores are imported when they are met.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from isthmus.errors import DataError
from isthmus.pki.form import is_authority
from isthmus.pki.keys import PrivateKey, belongs_together, load_private_key
from isthmus.pki.names import distinguished_name_text
from isthmus.pki.parsing import parse_certificate
from isthmus.pki.stores import KeyEntry, Store, TrustedEntry
from isthmus.pki.verify import build_chain

StoreType = Literal["pkcs12", "jks"]

MAX_PEM_BYTES = 16 * 1024 * 1024
MAX_CERTIFICATES = 10_000

_PEM_CERTIFICATE = re.compile(
    rb"-----BEGIN (?P<kind>(?:X509 |TRUSTED )?CERTIFICATE)-----(?:(?!-----).)*-----END (?P=kind)-----", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Bundle:
    """A key and certificates. `chain` holds the issuers above `certificate`, nearest first, as far as known.

    `trusted_names` are the names that a store gives to the `trusted` ones; a PEM file gives none.
    """

    key: PrivateKey | None = field(default=None, repr=False)
    certificate: x509.Certificate | None = None
    chain: tuple[x509.Certificate, ...] = ()
    trusted: tuple[x509.Certificate, ...] = ()
    name: str = ""
    trusted_names: tuple[str, ...] = ()


def load_certificates(data: bytes, where: str) -> tuple[x509.Certificate, ...]:
    """Read one DER certificate or all PEM certificates of `data`, in their order; raises DataError if there is none."""
    if len(data) > MAX_PEM_BYTES:
        raise DataError(f"the file is larger than {MAX_PEM_BYTES} bytes", where=where)
    if data[:1] == b"\x30":
        return (_certificate(data, "the certificate", where),)
    blocks = [match[0] for match in _PEM_CERTIFICATE.finditer(data)]
    if not blocks:
        raise DataError("holds no certificate", hint="name a PEM or DER file with a certificate", where=where)
    if len(blocks) > MAX_CERTIFICATES:
        raise DataError(f"holds more than {MAX_CERTIFICATES} certificates", where=where)
    return tuple(_certificate(block, f"certificate {at}", where) for at, block in enumerate(blocks, 1))


def load_pem(
    certificates: bytes,
    key: bytes,
    password: bytes | None,
    where: str,
    *,
    key_where: str | None = None,
    trusted: Sequence[x509.Certificate] = (),
) -> Bundle:
    """Join a certificate file (leaf first or not, issuers beside it) with its private key file.

    Raises DataError that names `where` or `key_where`: unreadable, wrong password, key of another certificate.
    """
    private = load_private_key(key, password, key_where or where)
    pool = load_certificates(certificates, where)
    leaf = next((one for one in pool if belongs_together(private, one)), None)
    if leaf is None:
        raise DataError(
            f"the private key does not belong to the certificate [{distinguished_name_text(pool[0].subject)}]",
            hint="name the key that was made together with the certificate",
            where=key_where or where,
        )
    return Bundle(private, leaf, build_chain(leaf, pool)[1:], tuple(trusted))


def load_pkcs12(data: bytes, password: str | None, where: str, *, key_password: str | None = None) -> Bundle:
    """Read a PKCS#12 file; `trusted` are the certificates that Java too would trust. See `load_store`."""
    return load_store(data, password, where, store_type="pkcs12", key_password=key_password)


def load_jks(data: bytes, password: str | None, where: str, *, key_password: str | None = None) -> Bundle:
    """Read a JKS file. See `load_store`."""
    return load_store(data, password, where, store_type="jks", key_password=key_password)


def load_store(
    data: bytes,
    password: str | None,
    where: str,
    *,
    store_type: StoreType | None = None,
    key_password: str | None = None,
) -> Bundle:
    """Read a key store or trust store; without `store_type` its first bytes tell.

    Of several keys the one whose certificate is no CA is taken. No key is no error: then `key` is None.
    Raises DataError that names `where`: wrong password, broken file, more than one key to choose from.
    """
    store = read_store(data, password, where, store_type=store_type, key_password=key_password)
    trusted = tuple(entry.certificate for entry in store.trusted)
    names = tuple(entry.name for entry in store.trusted)
    entry = _the_key(store, where)
    if entry is None:
        return Bundle(trusted=trusted, trusted_names=names)
    return Bundle(entry.key, entry.chain[0], entry.chain[1:], trusted, entry.name, names)


def read_store(
    data: bytes,
    password: str | None,
    where: str,
    *,
    store_type: StoreType | None = None,
    key_password: str | None = None,
) -> Store:
    """Read every entry of a PKCS#12 or JKS file (for `show`, and for stores with many entries)."""
    kind = store_type or detect_store(data, where)
    if kind == "jks":
        from isthmus.pki.jks import read_jks

        return read_jks(data, password or "", where, key_password)
    from isthmus.pki.pkcs12_read import read_pkcs12

    return read_pkcs12(data, password or "", where, key_password)


def detect_store(data: bytes, where: str) -> StoreType:
    """Tell a JKS from a PKCS#12 file by its first bytes; raises DataError if it is neither."""
    if data[:4] == b"\xfe\xed\xfe\xed":
        return "jks"
    if data[:1] == b"\x30":
        return "pkcs12"
    if data[:4] == b"\xce\xce\xce\xce":
        raise DataError(
            "key stores of type JCEKS are not supported",
            hint="convert it with 'keytool -importkeystore -deststoretype pkcs12'",
            where=where,
        )
    raise DataError("this is neither a PKCS#12 nor a JKS file", hint="name a .p12 or .jks file", where=where)


def certificates_to_pem(certificates: Iterable[x509.Certificate]) -> bytes:
    """Write certificates as PEM, one after the other."""
    return b"".join(certificate.public_bytes(Encoding.PEM) for certificate in certificates)


def bundle_to_pkcs12(bundle: Bundle, password: str) -> bytes:
    """Write a bundle as PKCS#12 that Java opens as key store and as trust store; see `pkcs12_write`.

    The key entry has the bundle's name, trusted certificates are called `ca`, `ca2` and so on.
    """
    from isthmus.pki.pkcs12_write import write_pkcs12

    if bundle.key is None or bundle.certificate is None:
        raise DataError("a bundle without key and certificate cannot be written as PKCS#12")
    entry = KeyEntry(bundle.name, bundle.key, (bundle.certificate, *bundle.chain))
    return write_pkcs12(entry, _named(bundle.trusted, bundle.name), password)


def _named(trusted: Sequence[x509.Certificate], taken: str) -> list[TrustedEntry]:
    free = (name for at in range(1, len(trusted) + 2) if (name := f"ca{at if at > 1 else ''}") != taken.lower())
    return [TrustedEntry(name, certificate) for name, certificate in zip(free, trusted, strict=False)]


def _the_key(store: Store, where: str) -> KeyEntry | None:
    entries = [entry for entry in store.keys if entry.chain]
    if store.keys and not entries:
        raise DataError("holds a private key without its certificate", hint="add the certificate", where=where)
    leaves = [entry for entry in entries if not is_authority(entry.chain[0])] if len(entries) > 1 else entries
    if len(leaves) > 1 or (entries and not leaves):
        names = ", ".join(f"[{entry.name}]" for entry in entries)
        raise DataError(f"holds several private keys: {names}", hint="keep one, for example with keytool", where=where)
    return leaves[0] if leaves else None


def _certificate(block: bytes, which: str, where: str) -> x509.Certificate:
    # OpenSSL's trusted form has more behind the certificate than other readers take.
    block = block.replace(b" X509 CERTIFICATE-----", b" CERTIFICATE-----")
    try:
        return parse_certificate(block)
    except ValueError as cause:
        raise DataError(f"{which} cannot be read", hint="replace it by the CA's original file", where=where) from cause
