"""From the arguments to what is judged: folders and files, each read leniently."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import click

from isthmus.cli.certutil import prompts
from isthmus.errors import IsthmusError, NoInputError
from isthmus.lifecycle.diagnosis import Subject
from isthmus.lifecycle.folders import NodeFolder, read_folder
from isthmus.lifecycle.folders.lone import read_lone_file
from isthmus.lifecycle.folders.opensearch import in_its_words
from isthmus.pki.rules import Circumstances, Finding, NodeFacts, judge, judge_cluster

# What a node needs, and a file alone cannot have.
_OF_NODES = frozenset(
    {
        "certificate-missing",
        "chain-untrusted",
        "http-tls-off",
        "key-mismatch",
        "mutual-tls-off",
        "no-authority",
        "server-extended-key-usage",
        "verification-off",
    }
)
# The matrix says the same, once for each node instead of once for each pair.
_IN_THE_MATRIX = "nodes-refuse-each-other"


@dataclass(frozen=True)
class Look:
    """What the paths hold: everything as subjects, those that are nodes also as `folders`, and what is wrong."""

    subjects: list[Subject] = field(default_factory=list)
    folders: list[NodeFolder] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def look(paths: Sequence[str], around: Circumstances) -> Look:
    """Read and judge every path; raises NoInputError for one that is not there."""
    seen = Look()
    for path in map(Path, dict.fromkeys(paths)):
        if not path.exists():
            raise NoInputError("there is no such file or folder", where=str(path), hint=_hint(str(path)))
        if path.is_dir():
            subject, found = _folder(path, seen.folders)
        else:
            subject, found = _file(path)
        seen.subjects.append(subject)
        told = [*found, *_judged(subject, around)]
        seen.findings.extend([in_its_words(one) for one in told] if subject.is_opensearch else told)
    nodes = [folder.facts for folder in seen.folders]
    seen.findings.extend(one for one in judge_cluster(nodes, around) if one.rule != _IN_THE_MATRIX)
    seen.findings.extend(_namesakes(seen.subjects))
    return seen


def is_address(argument: str) -> bool:
    """Tell whether an argument is no path, but looks like the address of a port."""
    return re.fullmatch(r"[^/\s]+:\d{1,5}", argument) is not None and not Path(argument).exists()


def _hint(path: str) -> str | None:
    return "ports are looked at after --live" if is_address(path) else None


def _judged(subject: Subject, around: Circumstances) -> Iterable[Finding]:
    found = judge(subject.facts, around)
    if not subject.is_file:
        return found
    return [replace(one, channel="", where=subject.where) for one in found if one.rule not in _OF_NODES]


def ask_password(what: str) -> str | None:
    """Ask on the terminal, without echo; nobody there, or no answer, means that it is not known."""
    if not prompts.is_interactive():
        return None
    answer: str = click.prompt(
        f"Password of {what} (empty: not known)", default="", show_default=False, hide_input=True, err=True
    )
    return answer or None


def _folder(path: Path, folders: list[NodeFolder]) -> tuple[Subject, Iterable[Finding]]:
    try:
        node = read_folder(path, ask_password)
    except IsthmusError as error:
        return _unread(path, error)
    folders.append(node)
    subject = Subject(node.name, str(node.where), node.facts, is_opensearch=node.engine == "opensearch")
    return subject, node.findings


def _unread(path: Path, error: IsthmusError) -> tuple[Subject, Iterable[Finding]]:
    name, folder = path.name or str(path), str(path.absolute())
    facts = NodeFacts(name=name, where=folder, channels=(), addresses={})
    mend = error.hint or "correct it, or name another folder"
    finding = Finding("settings", "error", "", name, "", error.where or folder, error.reason, mend)
    # It is no node to compare with others.
    return Subject(name, folder, facts, is_file=True), [finding]


def _file(path: Path) -> tuple[Subject, Iterable[Finding]]:
    facts = read_lone_file(path, ask_password)
    return Subject(facts.name, facts.where, facts, is_file=True), ()


def _namesakes(subjects: Sequence[Subject]) -> Iterable[Finding]:
    first: dict[str, str] = {}
    for subject in subjects:
        if subject.is_node and first.setdefault(subject.name, subject.where) != subject.where:
            sentence = f"the node in {first[subject.name]} is called [{subject.name}] too"
            mend = "give each node of a cluster a node.name of its own"
            yield Finding("node-name", "warning", "", subject.name, "", subject.where, sentence, mend)
