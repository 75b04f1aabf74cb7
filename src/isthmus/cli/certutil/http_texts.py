"""The texts that `certutil http` puts beside certificates: a README and sample settings for each who needs them."""

from __future__ import annotations

from collections.abc import Sequence

_SSL = "xpack.security.http.ssl"
CA_PEM = "elasticsearch-ca.pem"


def node_readme_store(store: str, *, password: bool) -> bytes:
    """What to do with a node's PKCS#12 file."""
    steps = [
        f"Copy {store} into the configuration folder of the node. Only the user that runs the node may read it.",
        "Add the lines of sample-elasticsearch.yml to isthmus.yml (or elasticsearch.yml).",
    ]
    if password:
        steps.append(f"Keep the password of {store}, which is asked for unseen:\n{_add('keystore.secure_password')}")
    return _readme(
        "TLS for the HTTP interface of this node",
        [f"{store} holds the node's private key, its certificate, and the certificate of the CA that signed it."],
        [*steps, "Restart the node and call it by https."],
        "Clients must trust the CA; its certificate is in the folder kibana.",
    )


def node_readme_pem(certificate: str, key: str, *, password: bool) -> bytes:
    """What to do with a node's PEM files."""
    steps = [
        f"Copy {certificate} and {key} into the configuration folder of the node. Only the user that runs the node may "
        f"read {key}.",
        "Add the lines of sample-elasticsearch.yml to isthmus.yml (or elasticsearch.yml).",
    ]
    if password:
        steps.append(f"Keep the password of {key}, which is asked for unseen:\n{_add('secure_key_passphrase')}")
    return _readme(
        "TLS for the HTTP interface of this node",
        [f"{key} is the node's private key, {certificate} its certificate with its chain."],
        [*steps, "Restart the node and call it by https."],
        "Clients must trust the CA; its certificate is in the folder kibana.",
    )


def node_readme_request(request: str, key: str, certificate: str, *, password: bool) -> bytes:
    """What to do with a node's signing request."""
    steps = [
        f"Send {request} to your CA. Never send {key} to anybody.",
        f"Save the certificate that comes back as {certificate} in PEM format, with the certificates of intermediate "
        "CAs behind it.",
        f"Copy {certificate} and {key} into the configuration folder of the node. Only the user that runs the node may "
        f"read {key}.",
        "Add the lines of sample-elasticsearch.yml to isthmus.yml (or elasticsearch.yml).",
    ]
    if password:
        steps.append(f"Keep the password of {key}, which is asked for unseen:\n{_add('secure_key_passphrase')}")
    return _readme(
        "A request for a certificate for the HTTP interface of this node",
        [f"{key} is the node's private key, {request} asks a CA to certify it."],
        [*steps, "Restart the node and call it by https."],
        "Your CA must allow the purpose serverAuth and keep the names of the request.",
    )


def node_settings(files: dict[str, str], *, password: str | None) -> bytes:
    """Sample settings of a node: `files` by the end of the setting's name; `password` is the secure setting's end."""
    lines = [
        "# TLS on the HTTP interface. Paths are relative to the configuration folder.",
        f"{_SSL}.enabled: true",
        *(f'{_SSL}.{name}: "{file}"' for name, file in files.items()),
    ]
    if password:
        lines += ["# The password is no line of this file:", *(f"# {line}" for line in _add(password).splitlines())]
    return _text(lines)


def kibana_readme(*, has_ca: bool) -> bytes:
    """What Kibana, or another client, needs to trust the nodes."""
    trusted = (
        f"{CA_PEM} is the certificate of the CA that signed the nodes' certificates. It is no secret."
        if has_ca
        else f"Ask your CA for its certificate in PEM format and save it as {CA_PEM}."
    )
    return _readme(
        "Trusting the nodes: Kibana and other clients",
        [trusted],
        [
            f"Copy {CA_PEM} into Kibana's configuration folder.",
            "Add the lines of sample-kibana.yml to kibana.yml, with the addresses of your nodes.",
            f"Other clients: give them {CA_PEM} as the CA, for example 'curl --cacert {CA_PEM} https://…'.",
        ],
        "",
    )


def kibana_settings(hosts: Sequence[str]) -> bytes:
    """Sample settings of Kibana, for nodes that are called by `hosts`."""
    urls = ", ".join(f'"https://{host}:9200"' for host in hosts)
    return _text([f"elasticsearch.hosts: [{urls}]", f'elasticsearch.ssl.certificateAuthorities: ["{CA_PEM}"]'])


def authority_readme(files: str, flags: str, subject: str) -> bytes:
    """What the new CA is for and how to guard it; `flags` name it to certutil."""
    return _readme(
        "The CA of your HTTP certificates",
        [f"{files}: the certificate and the private key of the CA [{subject}]."],
        [
            "Keep the private key and its password off the nodes, at a safe place.",
            f"To make another certificate later: isthmus certutil http {flags}",
        ],
        "Whoever has the private key can pose as any of your nodes.",
    )


def _add(setting: str) -> str:
    return f"isthmus keystore add {_SSL}.{setting}"


def _readme(title: str, what: Sequence[str], steps: Sequence[str], last: str) -> bytes:
    numbered = [f"{at}. {step}".replace("\n", "\n\n       ") for at, step in enumerate(steps, 1)]
    parts = [f"{title}\n{'=' * len(title)}", *what, *numbered, *([last] if last else [])]
    return _text(["\n\n".join(parts)])


def _text(lines: Sequence[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode()
