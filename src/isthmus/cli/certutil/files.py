"""The files of one instance, PEM or PKCS#12: how they are named, written, read back and judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from isthmus.cli.certutil.archive import Member
from isthmus.cli.certutil.proof import prove
from isthmus.errors import DataError, IntegrityError
from isthmus.pki.bundles import Bundle, bundle_to_pkcs12, certificates_to_pem, load_pem, load_pkcs12
from isthmus.pki.keys import PrivateKey, is_encrypted, key_to_pem, public_der
from isthmus.pki.profiles import Profile
from isthmus.pki.verify import check_chain


@dataclass(frozen=True, slots=True)
class FileFormat:
    """PEM (certificate and key apart) or PKCS#12, and the password of the private keys (None: not encrypted)."""

    pem: bool
    password: str | None = field(repr=False)


def members_of(path: str, bundle: Bundle, form: FileFormat) -> list[Member]:
    """Make the files of an instance; `path` has no extension (`node1/node1`)."""
    if not form.pem:
        return [Member(f"{path}.p12", bundle_to_pkcs12(bundle, form.password or ""), secret=True)]
    if bundle.key is None or bundle.certificate is None:
        raise DataError("a bundle without key and certificate cannot be written")
    return [
        Member(f"{path}.crt", certificates_to_pem([bundle.certificate, *bundle.chain])),
        Member(f"{path}.key", _pem_key(bundle.key, form), secret=True),
    ]


def read_back(path: str, files: Mapping[str, bytes], form: FileFormat) -> Bundle:
    """Read the files of an instance as a node would; raises DataError if one cannot be read with the password."""
    if not form.pem:
        return load_pkcs12(files[f"{path}.p12"], form.password, f"{path}.p12")
    key = files[f"{path}.key"]
    if form.password is not None and not is_encrypted(key):
        raise IntegrityError("the private key was to be encrypted and is not", where=f"{path}.key")
    password = None if form.password is None else form.password.encode()
    return load_pem(files[f"{path}.crt"], key, password, f"{path}.crt", key_where=f"{path}.key")


def judge(read: Bundle, made: Bundle, profile: Profile, where: str, *, strict: bool = True) -> None:
    """Raise DataError unless what was read is what was made, its chain holds, and OpenSSL shakes hands with it.

    `strict` off leaves rules out that an existing CA breaks; a person was told of them.
    """
    if read.certificate is None or read.key is None or read.certificate != made.certificate:
        raise IntegrityError("the file does not hold the certificate that was made", where=where)
    if made.key is None or public_der(read.key.public_key()) != public_der(made.key.public_key()):
        raise IntegrityError("the file does not hold the private key that was made", where=where)
    trusted = made.trusted or (read.certificate,)  # a self-signed certificate stands for itself
    check_chain(
        [read.certificate, *read.chain],
        trusted,
        where,
        purposes=profile.purposes,
        judge_issuers=strict,
    )
    prove(replace(read, trusted=trusted), profile.purposes, where, strict=strict)


def _pem_key(key: PrivateKey, form: FileFormat) -> bytes:
    return key_to_pem(key, None if form.password is None else form.password.encode())
