"""Decryption with RC2 (RFC 2268), only to read old PKCS#12 files: Java 8 hid certificates with 40-bit RC2.

No kept library offers RC2 with 40-bit keys. Nothing is ever encrypted with it here.
"""

from __future__ import annotations

import struct

BLOCK = 8

# RFC 2268 section 2: a permutation of 0 to 255 made from the digits of pi.
_PI_TABLE = bytes.fromhex(
    "d978f9c419ddb5ed28e9fd794aa0d89dc67e37832b76538e624c6488448bfba2179a59f587b34f1361456d8d09817d32"
    "bd8f40eb86b77b0bf09521225c6b4e8254d66593ce60b21c7356c014a78cf1dc1275ca1f3bbee4d1423dd430a33cb626"
    "6fbf0eda4669075727f21d9bbc944303f811c7f690ef3ee706c3d52fc8661ed708e8eade8052eef784aa72ac354d6a2a"
    "961ad2715a1549744b9fd05e0418a4ecc2e0416e0f51cbcc2491af50a1f47039997c3a8523b8b47afc02365b25559731"
    "2d5dfa98e38a92ae05df2910676cbac9d300e6cfe19ea82c6316013f58e289a90d38341bab33ffb0bb480c5fb9b1cd2e"
    "c5f3db47e5a59c770aa62068fe7fc1ad"
)
_SHIFTS = (1, 2, 3, 5)


def decrypt_cbc(data: bytes, key: bytes, iv: bytes) -> bytes:
    """Decrypt whole blocks in CBC mode; all bits of `key` count (effective key length). Padding is left in place."""
    words = _expand(key)
    plain, previous = bytearray(), iv
    for start in range(0, len(data), BLOCK):
        block = data[start : start + BLOCK]
        plain += bytes(a ^ b for a, b in zip(_decrypt_block(block, words), previous, strict=True))
        previous = block
    return bytes(plain)


def _expand(key: bytes) -> tuple[int, ...]:
    table = bytearray(key) + bytearray(128 - len(key))
    for at in range(len(key), 128):
        table[at] = _PI_TABLE[(table[at - 1] + table[at - len(key)]) & 0xFF]
    effective = len(key)
    table[128 - effective] = _PI_TABLE[table[128 - effective]]
    for at in range(127 - effective, -1, -1):
        table[at] = _PI_TABLE[table[at + 1] ^ table[at + effective]]
    return struct.unpack("<64H", bytes(table))


def _decrypt_block(block: bytes, words: tuple[int, ...]) -> bytes:
    state = list(struct.unpack("<4H", block))
    at = 63
    for rounds, mash in ((5, True), (6, True), (5, False)):
        for _ in range(rounds):
            at = _mix_back(state, words, at)
        if mash:
            _mash_back(state, words)
    return struct.pack("<4H", *state)


def _mix_back(state: list[int], words: tuple[int, ...], at: int) -> int:
    for i in (3, 2, 1, 0):
        shift = _SHIFTS[i]
        turned = (state[i] >> shift | state[i] << (16 - shift)) & 0xFFFF
        before, second, third = state[i - 1], state[i - 2], state[i - 3]
        state[i] = (turned - words[at] - (before & second) - (~before & third)) & 0xFFFF
        at -= 1
    return at


def _mash_back(state: list[int], words: tuple[int, ...]) -> None:
    for i in (3, 2, 1, 0):
        state[i] = (state[i] - words[state[i - 1] & 63]) & 0xFFFF
