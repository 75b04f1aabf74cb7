"""Private keys: make, write and read them (PKCS#8, RFC 5958; PEM, RFC 7468)."""

from __future__ import annotations

import re
from typing import Literal, TypeAlias, get_args

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from isthmus.errors import DataError, PasswordError

KeyType: TypeAlias = Literal["ec-p256", "ec-p384", "ed25519", "rsa"]
PrivateKey: TypeAlias = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey
PublicKey: TypeAlias = ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | rsa.RSAPublicKey

KEY_TYPES: tuple[KeyType, ...] = get_args(KeyType)
DEFAULT_KEY_TYPE: KeyType = "ec-p256"
DEFAULT_RSA_SIZE = 2048
RSA_SIZES = range(2048, 8193)
PUBLIC_KEYS = (ec.EllipticCurvePublicKey, ed25519.Ed25519PublicKey, rsa.RSAPublicKey)
PRIVATE_KEYS = (ec.EllipticCurvePrivateKey, ed25519.Ed25519PrivateKey, rsa.RSAPrivateKey)

_PEM_KEY = re.compile(rb"-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----(?:(?!-----).)+-----END \1-----", re.DOTALL)


def generate_key(key_type: KeyType = DEFAULT_KEY_TYPE, key_size: int | None = None) -> PrivateKey:
    """Make a new private key; `key_size` in bits is for `rsa` only (default 2048, at most 8192)."""
    if key_size is not None and key_type != "rsa":
        raise DataError(f"a key of type {key_type} has no size to choose", hint="leave the size out or choose rsa")
    if key_type == "ec-p256":
        return ec.generate_private_key(ec.SECP256R1())
    if key_type == "ec-p384":
        return ec.generate_private_key(ec.SECP384R1())
    if key_type == "ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    return _generate_rsa_key(key_size or DEFAULT_RSA_SIZE)


def _generate_rsa_key(bits: int) -> rsa.RSAPrivateKey:
    if bits not in RSA_SIZES:
        raise DataError(
            f"an RSA key of {bits} bits is refused",
            hint=f"choose {RSA_SIZES.start} to {RSA_SIZES.stop - 1} bits",
        )
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def key_to_pem(key: PrivateKey, password: bytes | None = None) -> bytes:
    """Write `key` as PKCS#8 PEM; with a password encrypted (PBES2, AES-256-CBC). An empty password is refused."""
    if password is None:
        protection: serialization.KeySerializationEncryption = serialization.NoEncryption()
    elif not password:
        raise DataError("a PEM key cannot be encrypted with an empty password", hint="give a password, or none at all")
    else:
        protection = serialization.BestAvailableEncryption(password)
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, protection)


def load_private_key(data: bytes, password: bytes | None, where: str) -> PrivateKey:
    """Read the first private key of `data` (PEM or DER; PKCS#8, PKCS#1 or SEC 1, encrypted or not).

    A password for a key that is not encrypted is not an error. Raises DataError that names `where`.
    """
    block = _key_block(data, where)
    is_pem = block.startswith(b"-----")
    load = serialization.load_pem_private_key if is_pem else serialization.load_der_private_key
    secret = password if is_encrypted(block) else None
    if is_pem and is_encrypted(block) and secret is None:
        raise PasswordError(
            "the private key is encrypted and no password was given", hint="give its password", where=where
        )
    try:
        key = load(block, secret)
    except TypeError:
        return _load_der_with_password(block, password, where)
    except (ValueError, UnsupportedAlgorithm) as cause:
        raise _unreadable(where, encrypted=secret is not None) from cause
    return supported(key, where)


def is_encrypted(data: bytes) -> bool:
    """Tell whether the private key in the PEM text `data` is encrypted (PKCS#8 or OpenSSL's traditional form)."""
    return b"-----BEGIN ENCRYPTED PRIVATE KEY-----" in data or b"Proc-Type: 4,ENCRYPTED" in data


def has_private_key(data: bytes) -> bool:
    """Tell whether the PEM text `data` holds a private key."""
    return _PEM_KEY.search(data) is not None


def supported(key: object, where: str) -> PrivateKey:
    """Give `key` back if it is of a kind that TLS nodes use; raise DataError otherwise."""
    if isinstance(key, PRIVATE_KEYS):
        return key
    raise DataError(
        f"private keys of kind {type(key).__name__.removeprefix('_')} are not supported",
        hint="use an EC, Ed25519 or RSA key",
        where=where,
    )


def belongs_together(key: PrivateKey, certificate: x509.Certificate) -> bool:
    """Tell whether `certificate` certifies the public half of `key`."""
    return public_der(key.public_key()) == certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def public_der(key: PublicKey) -> bytes:
    """Write a public key as SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7)."""
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def _key_block(data: bytes, where: str) -> bytes:
    if data[:1] == b"\x30":
        return data
    match = _PEM_KEY.search(data)
    if match is None:
        raise DataError("holds no private key", hint="name a PEM or DER file with a private key", where=where)
    return match[0]


def _load_der_with_password(block: bytes, password: bytes | None, where: str) -> PrivateKey:
    # Only DER gets here: whether it is encrypted is known once it is parsed.
    if password is None:
        raise PasswordError(
            "the private key is encrypted and no password was given", hint="give its password", where=where
        )
    try:
        return supported(serialization.load_der_private_key(block, password), where)
    except (ValueError, TypeError, UnsupportedAlgorithm) as cause:
        raise _unreadable(where, encrypted=True) from cause


def _unreadable(where: str, *, encrypted: bool) -> DataError:
    if encrypted:
        return PasswordError("the password does not open the private key", hint="check the password", where=where)
    return DataError("the private key cannot be read", hint="name a PEM or DER file with one key", where=where)
