"""Entries become values: declared, known from Elasticsearch, or a mistake."""

from __future__ import annotations

from isthmus.settings import foreign
from isthmus.settings.catalogue import declared
from isthmus.settings.entries import Entry
from isthmus.settings.mistakes import Mistake, shown
from isthmus.settings.resolved import Given
from isthmus.settings.setting import AnySetting

KEYSTORE = "keystore"


class Reader:
    """Collects what was given, the warnings and the mistakes, over all sources."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        self.given: dict[str, Given] = {}
        self.warnings: list[str] = []
        self._mistakes = mistakes

    def read(self, entry: Entry) -> None:
        """Take a setting of the file or of `-E`."""
        setting = declared().find(entry.name)
        if setting is None:
            self._read_foreign(entry)
        elif setting.scope == "secure":
            self._mistakes.append(_belongs_in_keystore(entry.name, entry.where))
        else:
            self._parse(setting, entry)

    def read_secure(self, name: str, value: str) -> None:
        """Take a value of the keystore."""
        setting = declared().find(name)
        if setting is None:
            self._unknown(name, KEYSTORE, secure=True)
        elif setting.scope != "secure":
            hint = f"write it in the settings file, and run: isthmus keystore remove {name}"
            self._mistakes.append(Mistake(f"[{name}] is not a secret and does not belong here", KEYSTORE, hint))
        else:
            self._parse(setting, Entry(name, value, KEYSTORE, written=""))

    def _parse(self, setting: AnySetting, entry: Entry) -> None:
        try:
            self.given[entry.name] = Given(setting, setting.parse(entry.value), entry.where)
        except ValueError as rule:
            what = "" if setting.scope == "secure" else f" is [{entry.written}]"
            self._mistakes.append(Mistake(f"[{entry.name}]{what}: {rule}", entry.where))

    def _read_foreign(self, entry: Entry) -> None:
        rule = foreign.find(entry.name)
        if rule is None:
            self._unknown(entry.name, entry.where, secure=None)
        elif rule.keystore_name is not None:
            self._mistakes.append(_belongs_in_keystore(rule.keystore_name(entry.name), entry.where, entry.name))
        elif rule.refuses(entry.value):
            self._mistakes.append(Mistake(f"[{entry.name}] is refused: {rule.reason}", entry.where, "remove it"))
        else:
            self.warnings.append(f"{entry.where}: [{entry.name}] has no effect here: {rule.reason}")

    def _unknown(self, name: str, where: str, *, secure: bool | None) -> None:
        nearest = declared().nearest(name, secure=secure)
        hint = f"did you mean [{nearest}]?" if nearest else "`isthmus settings` lists those that there are"
        self._mistakes.append(Mistake(f"unknown setting [{shown(name)}]", where, hint))


def _belongs_in_keystore(name: str, where: str, written: str | None = None) -> Mistake:
    reason = f"[{written or name}] is a secret and may not stand here"
    return Mistake(reason, where, f"remove it and put it into the keystore: isthmus keystore add {name}")
