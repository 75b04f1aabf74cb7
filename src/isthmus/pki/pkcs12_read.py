"""Reading PKCS#12 files (RFC 7292) with what Java adds: which certificates are to be trusted.

`cryptography` reads such files too, but one key of several, and without the attribute that marks trust.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from typing import Any

from asn1crypto import cms, core, pkcs12
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_der_private_key

from isthmus.errors import DataError, PasswordError
from isthmus.pki import pbe
from isthmus.pki.keys import PrivateKey, supported
from isthmus.pki.parsing import parse_certificate
from isthmus.pki.stores import MAX_STORE_BYTES, Store, TrustedEntry, key_entry

MAX_BAGS = 10_000
MAX_ITERATIONS = 10_000_000
MAX_NESTING = 4


def read_pkcs12(data: bytes, password: str, where: str, key_password: str | None = None) -> Store:
    """Read every key and certificate of a PKCS#12 file; `key_password` where keys have one of their own.

    Raises DataError that names `where`: wrong password, broken or oversized file, protection that is not supported.
    """
    if len(data) > MAX_STORE_BYTES:
        raise DataError(f"the file is larger than {MAX_STORE_BYTES} bytes", where=where)
    try:
        return _read(data, password, where, password if key_password is None else key_password)
    except DataError:
        raise
    except pbe.WrongPasswordError as cause:
        raise PasswordError(
            "the password does not open the PKCS#12 file", hint="check the password", where=where
        ) from cause
    except pbe.UnsupportedEncryptionError as cause:
        raise DataError(
            f"the PKCS#12 file uses {cause}, which is not supported",
            hint="write it anew with 'keytool -importkeystore' of Java 17 or 'openssl pkcs12 -export'",
            where=where,
        ) from cause
    except Exception as cause:  # asn1crypto raises errors of many kinds for malformed input
        raise DataError("this is no PKCS#12 file, or a broken one", hint="make it anew", where=where) from cause


def _read(data: bytes, password: str, where: str, key_password: str) -> Store:
    pfx = pkcs12.Pfx.load(data, strict=True)
    if pfx["auth_safe"]["content_type"].native != "data":
        raise pbe.UnsupportedEncryptionError("public-key integrity")
    authenticated = bytes(pfx["auth_safe"]["content"])
    budget = pbe.Budget(MAX_ITERATIONS)
    _check_mac(pfx["mac_data"], authenticated, password, budget)
    bags = list(_bags(authenticated, password, budget))
    certificates = [_certificate(bag) for bag in bags if bag["bag_id"].native == "cert_bag"]
    trusted = [(_name_of(bag), _certificate(bag)) for bag in bags if _is_trusted(bag)]
    keys_ = [
        key_entry(_name_of(bag), _key(bag, key_password, where, budget), certificates)
        for bag in bags
        if bag["bag_id"].native in ("key_bag", "pkcs8_shrouded_key_bag")
    ]
    used = {one for entry in keys_ for one in entry.chain} | {one for _, one in trusted}
    return Store(
        "pkcs12",
        tuple(keys_),
        tuple(TrustedEntry(name, one) for name, one in trusted),
        tuple(one for one in certificates if one not in used),
    )


def _check_mac(mac_data: Any, authenticated: bytes, password: str, budget: pbe.Budget) -> None:
    if isinstance(mac_data, core.Void) or mac_data.native is None:
        return  # 'openssl pkcs12 -nomac' writes such files; the encryption still guards the key
    digest = mac_data["mac"]["digest_algorithm"]["algorithm"].native
    salt, iterations = mac_data["mac_salt"].native, budget.spend(mac_data["iterations"].native)
    expected = mac_data["mac"]["digest"].native
    # Writers disagree on whether an empty password is no bytes or one zero character.
    forms = [pbe.bmp_password(password)] if password else [pbe.bmp_password(""), b""]
    if not any(hmac.compare_digest(pbe.mac(authenticated, form, digest, salt, iterations), expected) for form in forms):
        raise pbe.WrongPasswordError


def _bags(authenticated: bytes, password: str, budget: pbe.Budget) -> Iterator[pkcs12.SafeBag]:
    count = 0
    for content in pkcs12.AuthenticatedSafe.load(authenticated, strict=True):
        for bag in _flat(pkcs12.SafeContents.load(_opened(content, password, budget)), MAX_NESTING):
            count += 1
            if count > MAX_BAGS:
                raise pbe.UnsupportedEncryptionError(f"more than {MAX_BAGS} entries")
            yield bag


def _opened(content: cms.ContentInfo, password: str, budget: pbe.Budget) -> bytes:
    kind = content["content_type"].native
    if kind == "data":
        return bytes(content["content"])
    if kind == "encrypted_data":
        info = content["content"]["encrypted_content_info"]
        return pbe.decrypt(info["encrypted_content"].native, password, info["content_encryption_algorithm"], budget)
    raise pbe.UnsupportedEncryptionError(f"content of type {kind}")


def _flat(bags: pkcs12.SafeContents, nesting: int) -> Iterator[pkcs12.SafeBag]:
    for bag in bags:
        if bag["bag_id"].native != "safe_contents":
            yield bag
        elif nesting:
            yield from _flat(bag["bag_value"], nesting - 1)
        else:
            raise pbe.UnsupportedEncryptionError("deeply nested contents")


def _certificate(bag: pkcs12.SafeBag) -> x509.Certificate:
    if bag["bag_value"]["cert_id"].native != "x509":
        raise pbe.UnsupportedEncryptionError("certificates that are not X.509")
    return parse_certificate(bytes(bag["bag_value"]["cert_value"]))


def _key(bag: pkcs12.SafeBag, password: str, where: str, budget: pbe.Budget) -> PrivateKey:
    value = bag["bag_value"]
    if bag["bag_id"].native == "pkcs8_shrouded_key_bag":
        der = pbe.decrypt(value["encrypted_data"].native, password, value["encryption_algorithm"], budget)
    else:
        der = value.untag().dump()
    try:
        return supported(load_der_private_key(der, None), where)
    except (ValueError, UnsupportedAlgorithm) as cause:
        raise DataError("a private key in the PKCS#12 file cannot be read", where=where) from cause


def _attributes(bag: pkcs12.SafeBag) -> dict[str, Any]:
    attributes = bag["bag_attributes"]
    if isinstance(attributes, core.Void):
        return {}
    return {attribute["type"].native: attribute["values"] for attribute in attributes}


def _name_of(bag: pkcs12.SafeBag) -> str:
    names = _attributes(bag).get("friendly_name")
    return str(names[0].native) if names else ""


def _is_trusted(bag: pkcs12.SafeBag) -> bool:
    return bag["bag_id"].native == "cert_bag" and "trusted_key_usage" in _attributes(bag)
