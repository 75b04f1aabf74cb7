"""The secure settings of a folder: those of the keystore, and passwords that stand in the settings file itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from isthmus.errors import IsthmusError, PasswordError
from isthmus.keystore import FILE_NAME, Keystore, elasticsearch, has_password
from isthmus.keystore.storage import read
from isthmus.lifecycle.folders.entries import FolderEntries
from isthmus.lifecycle.folders.opensearch import DEFAULT_STORE_PASSWORD, familiar_secure_name
from isthmus.settings.mistakes import Mistake
from isthmus.settings.ssl_settings import CHANNELS

AskPassword = Callable[[str], str | None]
"""Asks for the password of what is named, and returns None if nobody can tell it."""

PLAIN_MEMBERS = {
    "key_passphrase": "secure_key_passphrase",
    "keystore.password": "keystore.secure_password",
    "keystore.key_password": "keystore.secure_key_password",
    "truststore.password": "truststore.secure_password",
}
_STORES = ("keystore", "truststore")


def secure_values(folder: Path, found: FolderEntries, ask: AskPassword, mistakes: list[Mistake]) -> dict[str, str]:
    """Return the secure settings by Elasticsearch's names. A keystore that does not open goes to `mistakes`."""
    plain = {secure: value for _, secure, value in plain_passwords(found)}
    return {**_defaults(found), **plain, **_of_keystore(folder, ask, mistakes)}


def plain_passwords(found: FolderEntries) -> Iterator[tuple[str, str, str]]:
    """Give each password that the settings file holds: its name there, the name of the secure setting, the value."""
    for channel in CHANNELS:
        for plain, secure in PLAIN_MEMBERS.items():
            name = f"{channel.prefix}.{plain}"
            value = found.text(name)
            if value is not None:
                yield found.written[name], f"{channel.prefix}.{secure}", value


def _defaults(found: FolderEntries) -> dict[str, str]:
    if found.engine != "opensearch":
        return {}
    named = [f"{channel.prefix}.{store}" for channel in CHANNELS for store in _STORES]
    return {f"{one}.secure_password": DEFAULT_STORE_PASSWORD for one in named if f"{one}.path" in found.entries}


def _of_keystore(folder: Path, ask: AskPassword, mistakes: list[Mistake]) -> dict[str, str]:
    try:
        return _texts(_values(folder, ask))
    except PasswordError as error:
        mistakes.append(Mistake(f"{error.reason}; the passwords in it are not known", str(error.where), error.hint))
    except IsthmusError as error:
        mistakes.append(Mistake(error.reason, str(error.where), error.hint))
    return {}


def _values(folder: Path, ask: AskPassword) -> Mapping[str, str | bytes]:
    own, foreign = folder / FILE_NAME, folder / elasticsearch.FILE_NAME
    if own.exists():
        password = _password(str(own), ask) if has_password(own) else ""
        keystore = Keystore.load(own, password)
        return {name: keystore.get(name) for name in keystore.names()}
    data = read(foreign, limit=elasticsearch.MAX_FILE_BYTES)
    if data is None:
        return {}
    sealed = elasticsearch.read_sealed(data, str(foreign))
    return elasticsearch.unseal(sealed, _password(str(foreign), ask) if sealed.has_password else "")


def _password(path: str, ask: AskPassword) -> str:
    password = ask(f"the keystore {path}")
    if password is None:
        raise PasswordError("the keystore is protected by a password that is not known", where=path)
    return password


def _texts(values: Mapping[str, str | bytes]) -> dict[str, str]:
    """Passwords are texts; what is none, is a file that no channel needs."""
    return {
        familiar_secure_name(name): value if isinstance(value, str) else value.decode("utf-8", "replace")
        for name, value in values.items()
    }
