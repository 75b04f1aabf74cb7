"""Password-based cryptography of PKCS#12 and PKCS#8: RFC 7292 appendix B and C, RFC 8018 (PBES2).

Old algorithms are read, never written; the work that a file can demand is bounded.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

from isthmus.pki import rc2

if TYPE_CHECKING:
    from asn1crypto.algos import EncryptionAlgorithm

ITERATIONS = 10_000  # what Java 17 writes

_KEY, _IV, _MAC = 1, 2, 3
_BLOCK_BYTES = {"sha1": 64, "sha224": 64, "sha256": 64, "sha384": 128, "sha512": 128}


class WrongPasswordError(ValueError):
    """The data does not open with this password."""


class UnsupportedEncryptionError(ValueError):
    """The data is protected in a way that is not read here; the text names it."""


class Budget:
    """The iterations of key derivation that one file may cost, all its parts together."""

    def __init__(self, iterations: int) -> None:
        self._left = iterations

    def spend(self, iterations: int) -> int:
        """Give `iterations` back; raises UnsupportedEncryptionError if that is more than what is left."""
        if not 1 <= iterations <= self._left:
            raise UnsupportedEncryptionError(f"a key derivation of {iterations} iterations")
        self._left -= iterations
        return iterations


@dataclass(frozen=True, slots=True)
class Parameters:
    """The public parameters of one PBES2 encryption, new and random."""

    salt: bytes
    iv: bytes
    iterations: int = ITERATIONS

    @classmethod
    def fresh(cls) -> Parameters:
        return cls(os.urandom(16), os.urandom(16))


def encrypt(plain: bytes, password: str, parameters: Parameters) -> bytes:
    """Encrypt with PBES2: AES-256-CBC, key by PBKDF2-HMAC-SHA256."""
    key = hashlib.pbkdf2_hmac("sha256", password.encode(), parameters.salt, parameters.iterations, 32)
    padder, encryptor = PKCS7(128).padder(), Cipher(AES(key), CBC(parameters.iv)).encryptor()
    return encryptor.update(padder.update(plain) + padder.finalize()) + encryptor.finalize()


def decrypt(data: bytes, password: str, algorithm: EncryptionAlgorithm, budget: Budget) -> bytes:
    """Decrypt what `algorithm` says; raises WrongPasswordError or UnsupportedEncryptionError."""
    name = algorithm["algorithm"].native
    if name == "pbes2":
        return _decrypt_pbes2(data, password, algorithm, budget)
    if name in ("pkcs12_sha1_tripledes_3key", "pkcs12_sha1_rc2_40", "pkcs12_sha1_rc2_128"):
        return _decrypt_pkcs12(data, password, algorithm, budget)
    raise UnsupportedEncryptionError(f"encryption {name}")


def mac(data: bytes, password: bytes, digest: str, salt: bytes, iterations: int) -> bytes:
    """Compute the MAC of a PKCS#12 file over `data`; `password` as `bmp_password` gives it."""
    size = hashlib.new(digest).digest_size
    key = derive(password, salt, iterations, _MAC, size, digest)
    return hmac.digest(key, data, digest)


def bmp_password(password: str) -> bytes:
    """Encode a password as PKCS#12's key derivation wants it: UTF-16 big-endian with a final zero character."""
    return password.encode("utf-16-be") + b"\0\0"


def derive(password: bytes, salt: bytes, iterations: int, purpose: int, size: int, digest: str) -> bytes:
    """Derive `size` bytes as in RFC 7292 appendix B.2."""
    if digest not in _BLOCK_BYTES:
        raise UnsupportedEncryptionError(f"digest {digest}")
    block, new = _BLOCK_BYTES[digest], getattr(hashlib, digest)
    state = bytearray(_filled(salt, block) + _filled(password, block))
    derived = b""
    while True:
        part = bytes([purpose]) * block + bytes(state)
        for _ in range(iterations):
            part = new(part).digest()
        derived += part
        if len(derived) >= size:
            return derived[:size]
        addend = int.from_bytes(_filled(part, block)[:block], "big") + 1
        for at in range(0, len(state), block):
            value = int.from_bytes(state[at : at + block], "big") + addend
            state[at : at + block] = (value % (1 << 8 * block)).to_bytes(block, "big")


def _filled(data: bytes, block: int) -> bytes:
    """Repeat `data` up to a multiple of `block` bytes; nothing stays nothing."""
    length = -(-len(data) // block) * block
    return (data * (length // len(data) + 1))[:length] if data else b""


def _decrypt_pbes2(data: bytes, password: str, algorithm: EncryptionAlgorithm, budget: Budget) -> bytes:
    if algorithm.kdf != "pbkdf2" or algorithm.kdf_hmac not in _BLOCK_BYTES:
        raise UnsupportedEncryptionError(f"key derivation {algorithm.kdf} with {algorithm.kdf_hmac}")
    key = hashlib.pbkdf2_hmac(
        algorithm.kdf_hmac,
        password.encode(),
        algorithm.kdf_salt,
        budget.spend(algorithm.kdf_iterations),
        algorithm.key_length,
    )
    if algorithm.encryption_cipher == "aes":
        return _unpadded(_decrypt_blocks(Cipher(AES(key), CBC(algorithm.encryption_iv)), data), 16)
    if algorithm.encryption_cipher == "tripledes":
        return _unpadded(_decrypt_blocks(Cipher(TripleDES(key), CBC(algorithm.encryption_iv)), data), 8)
    raise UnsupportedEncryptionError(f"cipher {algorithm.encryption_cipher}")


def _decrypt_pkcs12(data: bytes, password: str, algorithm: EncryptionAlgorithm, budget: Budget) -> bytes:
    name, secret = algorithm["algorithm"].native, bmp_password(password)
    salt, iterations = algorithm.kdf_salt, budget.spend(algorithm.kdf_iterations)
    iv = derive(secret, salt, iterations, _IV, 8, "sha1")
    if name == "pkcs12_sha1_tripledes_3key":
        key = derive(secret, salt, iterations, _KEY, 24, "sha1")
        return _unpadded(_decrypt_blocks(Cipher(TripleDES(key), CBC(iv)), data), 8)
    key = derive(secret, salt, iterations, _KEY, 5 if name.endswith("40") else 16, "sha1")
    if not data or len(data) % rc2.BLOCK:
        raise WrongPasswordError
    return _unpadded(rc2.decrypt_cbc(data, key, iv), rc2.BLOCK)


def _decrypt_blocks(cipher: Cipher[CBC], data: bytes) -> bytes:
    decryptor = cipher.decryptor()
    try:
        return decryptor.update(data) + decryptor.finalize()
    except ValueError as cause:
        raise WrongPasswordError from cause


def _unpadded(plain: bytes, block: int) -> bytes:
    unpadder = PKCS7(block * 8).unpadder()
    try:
        return unpadder.update(plain) + unpadder.finalize()
    except ValueError as cause:
        raise WrongPasswordError from cause
