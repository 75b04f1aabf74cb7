"""The guided dialogue of `certutil http`: asks a person what no flag and no file has answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import click

from isthmus.cli.certutil import prompts
from isthmus.cli.certutil.http_answers import DEFAULT_CA_NAME, Answers, default_name, parse_period
from isthmus.cli.certutil.input import read_file
from isthmus.cli.certutil.instances import Instance, check_unique, make_instance
from isthmus.errors import DataError, IsthmusError
from isthmus.pki.authority import DEFAULT_DAYS
from isthmus.pki.keys import DEFAULT_KEY_TYPE, KEY_TYPES, has_private_key
from isthmus.pki.names import parse_distinguished_name, parse_dns_name, parse_ip_address

Answer = TypeVar("Answer")

_CERTIFICATE_MARK = b"-----BEGIN CERTIFICATE-----"


def ask(answers: Answers) -> Answers:
    """Give `answers` with every open question asked."""
    _say(
        "This makes what the HTTP interface of your nodes needs for TLS.",
        "Press <ENTER> to take the answer in brackets.",
    )
    answers = _ask_how_signed(answers)
    answers = _ask_key(answers)
    return replace(answers, nodes=answers.nodes or _ask_nodes())


def _ask_how_signed(answers: Answers) -> Answers:
    if answers.csr is None and not answers.names_a_ca:
        _say("A signing request (CSR) is for a CA that somebody else keeps. Otherwise a CA of yours signs now.")
        answers = replace(answers, csr=_agrees("Generate a CSR?"))
    if answers.csr:
        return answers
    if not answers.names_a_ca and answers.ca_dn is None:
        answers = _ask_authority(answers)
    if answers.days is None:
        _say("Certificates end. How long should these last, in years (3Y), months (18M) or days (90D)?")
        answers = replace(answers, days=_until_right("Period", f"{DEFAULT_DAYS}D", lambda text: parse_period(text, "")))
    return answers


def _ask_authority(answers: Answers) -> Answers:
    if not _agrees("Use an existing CA?"):
        name = _until_right("Name of the new CA", DEFAULT_CA_NAME, _checked_name)
        return replace(answers, ca_dn=name)
    path = _until_right("CA Path", "", _checked_file)
    content = read_file(Path(path))
    has_key, has_certificate = has_private_key(content), _CERTIFICATE_MARK in content
    if not has_key and not has_certificate:
        return replace(answers, ca=path)
    certificate = path if has_certificate else _until_right("Path of the CA's certificate", "", _checked_file)
    key = path if has_key else _until_right("Path of the CA's private key", "", _checked_file)
    return replace(answers, ca_cert=certificate, ca_key=key)


def _ask_key(answers: Answers) -> Answers:
    if answers.key_type is not None or answers.key_size is not None:
        return answers
    _say(f"Private keys will be of the type {DEFAULT_KEY_TYPE}.")
    if not _agrees("Do you wish to change this?"):
        return replace(answers, key_type=DEFAULT_KEY_TYPE)
    kind = click.prompt("Key type", type=click.Choice(KEY_TYPES), default=DEFAULT_KEY_TYPE)
    return replace(answers, key_type=kind)


def _ask_nodes() -> tuple[Instance, ...]:
    _say("Each node may have a certificate of its own, or all share one that holds all their names.")
    if not _agrees("Generate a certificate per node?"):
        return (_ask_node(None),)
    nodes: list[Instance] = []
    while not nodes or _agrees("Generate additional certificates?", default=True):
        try:
            node = _ask_node(prompts.line(f"node #{len(nodes) + 1} name"))
            check_unique([*nodes, node], "answer")
            nodes.append(node)
        except DataError as error:
            _say(f"{error}; please describe this node again.")
    return tuple(nodes)


def _ask_node(name: str | None) -> Instance:
    whom = name or "your nodes"
    dns = _ask_list(f"Which hostnames will be used to connect to {whom}? (or *.example.com)", parse_dns_name)
    ips = _ask_list(f"Which IP addresses will be used to connect to {whom}?", parse_ip_address)
    return make_instance(name or default_name(list(dns)), "answer", dns=dns, ip=ips)


def _ask_list(question: str, check: Callable[[str, str], object]) -> list[str]:
    while True:
        _say(question, "One per line; press <ENTER> once more when you are done.")
        entries: list[str] = []
        while entry := prompts.line(f"#{len(entries) + 1}"):
            try:
                check(entry, "answer")
                entries.append(entry)
            except DataError as error:
                _say(str(error))
        _say("You entered:", *(f" - {entry}" for entry in entries or ["nothing"]))
        if _agrees("Is this correct?", default=True):
            return entries


def _until_right(question: str, default: str, read: Callable[[str], Answer]) -> Answer:
    while True:
        try:
            return read(prompts.line(question, default))
        except IsthmusError as error:
            _say(str(error))


def _checked_name(text: str) -> str:
    name = text if "=" in text else f"CN={text}"
    parse_distinguished_name(name, "answer")
    return name


def _checked_file(text: str) -> str:
    read_file(Path(text))
    return text


def _agrees(question: str, *, default: bool = False) -> bool:
    return click.confirm(question, default=default)


def _say(*lines: str) -> None:
    click.echo("\n" + "\n".join(lines))
