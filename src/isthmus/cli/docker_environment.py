"""What the environment of a container says to the node, as Elasticsearch's image reads it. Pure.

`cluster.name=…` and `ES_SETTING_CLUSTER_NAME=…` are settings. Secrets have names of their own
(`docker_entrypoint`), and never become arguments: those can be read by every process of the machine.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from isthmus.errors import ConfigError
from isthmus.settings import declared, foreign

ELASTIC_PASSWORD = "ELASTIC_PASSWORD"  # noqa: S105 - the variable's name
KEYSTORE_PASSWORD = "KEYSTORE_PASSWORD"  # noqa: S105 - the variable's name
FILE_SUFFIX = "_FILE"
SECRETS = (ELASTIC_PASSWORD, KEYSTORE_PASSWORD)
WHERE = "environment"

_DOTTED = re.compile(r"[\w-]+(?:\.[\w-]+)+", re.ASCII)
_PREFIX = "ES_SETTING_"
_UNSUPPORTED = {
    "ENROLLMENT_TOKEN": "nodes are not enrolled by a token; give each its certificate, made by `isthmus certutil`",
}
_WITHOUT_EFFECT = {
    "ES_JAVA_OPTS": "there is no Java machine to tune",
    "CLI_JAVA_OPTS": "there is no Java machine to tune",
}


def node_arguments(environ: Mapping[str, str]) -> list[str]:
    """Return the arguments of `isthmus node` that say what the variables say: `-E`, `name=value`, …

    Empty variables count as absent. Raises ConfigError for a variable that cannot be obeyed and for a secret.
    """
    arguments: list[str] = []
    for variable, value in sorted(environ.items()):
        name = setting_name(variable)
        if variable in _UNSUPPORTED and value:
            raise ConfigError(f"{variable} is not supported: {_UNSUPPORTED[variable]}", where=WHERE)
        if name is not None and value:
            _refuse_secret(variable, name)
            arguments += ["-E", f"{name}={value}"]
    return arguments


def setting_name(variable: str) -> str | None:
    """Return the setting that `variable` is, None if it is something else.

    `ES_SETTING_XPACK_SECURITY_HTTP_SSL_VERIFICATION__MODE`: `_` is a dot, `__` an underscore, letters become small.
    """
    if variable.startswith(_PREFIX) and len(variable) > len(_PREFIX):
        return re.sub("__?", _dot_or_underscore, variable.removeprefix(_PREFIX)).lower()
    return variable if _DOTTED.fullmatch(variable) else None


def handed_on(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of the node: without secrets and settings, with ES_PATH_CONF under its name here."""
    secrets = {*SECRETS, *(f"{name}{FILE_SUFFIX}" for name in SECRETS)}
    kept = {name: value for name, value in environ.items() if name not in secrets and setting_name(name) is None}
    conf_dir = kept.pop("ES_PATH_CONF", "")
    return kept | {"ISTHMUS_PATH_CONF": conf_dir} if conf_dir else kept


def notices(environ: Mapping[str, str]) -> list[str]:
    """Return a sentence for each variable that Elasticsearch's image knows and that has no effect here."""
    return [f"{name} has no effect: {why}" for name, why in _WITHOUT_EFFECT.items() if environ.get(name)]


def _dot_or_underscore(found: re.Match[str]) -> str:
    return "." if found[0] == "_" else "_"


def _refuse_secret(variable: str, name: str) -> None:
    setting, rule = declared().find(name), foreign.find(name)
    if (setting is not None and setting.scope == "secure") or (rule is not None and rule.keystore_name is not None):
        hint = "put it into the keystore" + (f", or set {ELASTIC_PASSWORD}" if name == "bootstrap.password" else "")
        raise ConfigError(f"{variable} is a secret and may not stand in the environment", where=WHERE, hint=hint)
