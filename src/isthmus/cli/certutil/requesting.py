"""Keys with their signing requests: the files of one instance, and the proof that they hold what was made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from isthmus.cli.certutil.archive import Member
from isthmus.errors import IntegrityError
from isthmus.pki.keys import KeyType, PrivateKey, generate_key, is_encrypted, key_to_pem, load_private_key, public_der
from isthmus.pki.names import SubjectNames
from isthmus.pki.requests import make_request, read_request


@dataclass(frozen=True, slots=True)
class Requested:
    """The names that are asked for, the key, and where its files go: `path` has no extension (`node1/node1`)."""

    path: str
    names: SubjectNames
    key: PrivateKey = field(repr=False)


def request_for(path: str, names: SubjectNames, key_type: KeyType, key_size: int | None) -> Requested:
    """Make a key for `names`."""
    return Requested(path, names, generate_key(key_type, key_size))


def request_members(requested: Requested, password: str | None) -> list[Member]:
    """Make the files: the request, and the key, encrypted if there is a password."""
    return [
        Member(f"{requested.path}.csr", make_request(requested.key, requested.names)),
        Member(f"{requested.path}.key", key_to_pem(requested.key, _encoded(password)), secret=True),
    ]


def judge_request(requested: Requested, files: Mapping[str, bytes], password: str | None) -> None:
    """Raise DataError unless `files` hold the request and the key that were made, the key encrypted as asked for."""
    at, key_at = f"{requested.path}.csr", f"{requested.path}.key"
    public = public_der(requested.key.public_key())
    read = read_request(files[at], at)
    if public_der(read.public_key) != public or read.names != requested.names:
        raise IntegrityError("the file does not hold the request that was made", where=at)
    if is_encrypted(files[key_at]) is (password is None):
        raise IntegrityError("the private key was to be encrypted and is not, or the other way round", where=key_at)
    key = load_private_key(files[key_at], _encoded(password), key_at)
    if public_der(key.public_key()) != public:
        raise IntegrityError("the file does not hold the private key that was made", where=key_at)


def _encoded(password: str | None) -> bytes | None:
    return None if password is None else password.encode()
