"""Real files and papers, ports that are simulated: what is seen of a node, and what is put in its files."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from isthmus.errors import IntegrityError, UnavailableError
from isthmus.lifecycle.rotation.driver import Sighting
from isthmus.lifecycle.rotation.events import parties_of
from isthmus.lifecycle.rotation.inventory import Inventory, NodeEntry
from isthmus.lifecycle.rotation.issuing import CaSigner
from isthmus.lifecycle.rotation.leaves import Papers
from isthmus.lifecycle.rotation.plan import Plan
from isthmus.lifecycle.rotation.preparing import Wish, prepare
from isthmus.lifecycle.rotation.site import LiveSite, Reply
from isthmus.lifecycle.rotation.survey import Surveyed, survey
from isthmus.lifecycle.rotation.vouching import vouchers_of
from isthmus.pki.authority import create_authority
from isthmus.pki.names import parse_distinguished_name
from isthmus.pki.rotation import Holding, Party
from tests.certificates import make_ca

NODE = "n1"


@dataclass
class Port:
    """A port that runs on the files as it last read them, and judges each key by its signature alone."""

    folder: Path
    papers: Papers
    words: str = ""
    served: bytes = b""
    trusted: bytes = b""
    refuses: set[str] = field(default_factory=set)

    def take_up(self) -> None:
        self.served, self.trusted = (self.folder / "node.crt").read_bytes(), (self.folder / "ca.crt").read_bytes()

    async def dial(self, _channel: str, address: str, key: str | None, _trusted: Sequence[x509.Certificate]) -> Reply:
        if self.words:
            return Reply(None, None, f"[{address}] {self.words}")
        served = x509.load_pem_x509_certificate(self.served)
        if key is None:
            return Reply(None, served)
        shown = self.papers.leaf(key).certificate
        assert shown is not None
        known = {one.subject for one in x509.load_pem_x509_certificates(self.trusted)}
        accepted = shown.issuer in known and key not in self.refuses
        return Reply(accepted, served, "" if accepted else "it does not know our CA")


@dataclass
class Stage:
    """One node with separate folders for its files and the rotation's papers."""

    folder: Path
    plan: Plan
    site: LiveSite
    port: Port

    @property
    def party(self) -> Party:
        return parties_of(self.plan, [])["transport"][0]

    @property
    def before(self) -> Holding:
        return self.party.installed

    @property
    def both(self) -> Holding:
        return Holding(self.before.trusts | self.party.goal.trusts, self.before.leaf)

    def look(self, party: Party) -> Sighting:
        return asyncio.run(self.site.look("transport", [party]))[NODE]

    def give(self, party: Party) -> None:
        asyncio.run(self.site.give("transport", party))


Make = Callable[..., Stage]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def make_stage(copy: tuple[str, ...] = (), restart: tuple[str, ...] = ()) -> Stage:
        folder = tmp_path / NODE
        ca = make_ca("old CA")
        ca.issue(NODE).write(folder)
        (folder / "ca.crt").write_bytes(ca.certificate_pem)
        prefix = "xpack.security.transport.ssl"
        names = {"certificate": "node.crt", "key": "node.key", "certificate_authorities": ["ca.crt"]}
        settings = {"node.name": NODE, "transport.port": 9300, "network.host": "127.0.0.1", f"{prefix}.enabled": True}
        (folder / "isthmus.yml").write_text(json.dumps(settings | {f"{prefix}.{k}": v for k, v in names.items()}))
        inventory = Inventory((NodeEntry(str(folder), copy=copy, restart=restart),))
        found = survey(inventory, ("transport",), lambda _: None)
        return _stage(folder, inventory, found, Papers(tmp_path / "work"))

    return make_stage


def _stage(folder: Path, inventory: Inventory, found: Surveyed, papers: Papers) -> Stage:
    authority = create_authority(parse_distinguished_name("CN=new CA", "a test"))
    wish = Wish(("transport",), CaSigner(authority, 100), "a test", authority.certificate)
    plan = asyncio.run(prepare(inventory, wish, found, papers)).plan
    port = Port(folder, papers)
    port.take_up()
    site = LiveSite(plan, found.places, papers, vouchers_of(plan, papers), port.dial)
    return Stage(folder, plan, site, port)


def test_a_node_is_seen_as_its_files_are_once_it_has_taken_them_up(make: Make) -> None:
    stage = make()
    given = stage.party.given(stage.both)
    stage.give(given)
    assert stage.look(given).holding == stage.before
    stage.port.take_up()
    assert stage.look(given).holding == stage.both


def test_a_node_that_says_yes_but_serves_the_old_certificate_is_named(make: Make) -> None:
    stage = make()
    reissued = replace(stage.both, leaf=stage.party.goal.leaf)
    settled = replace(stage.party, installed=reissued, seen=True)
    stage.give(settled)
    stage.port.trusted = (stage.folder / "ca.crt").read_bytes()
    seen = stage.look(settled)
    assert seen.holding is None
    assert seen.words == "it serves [transport/n1/old], and its files hold [transport/n1/new]"


def test_a_node_that_refuses_what_its_files_trust_is_not_passed_and_its_words_are_told(make: Make) -> None:
    stage = make()
    both = replace(stage.party, installed=stage.both)
    stage.give(both)
    stage.port.take_up()
    stage.port.refuses = {"transport/n1/new"}
    seen = stage.look(both)
    assert seen.holding is None
    assert "it refuses [transport/n1/new] though its files trust who vouches for it" in seen.words
    assert "it does not know our CA" in seen.words


def test_a_port_that_nobody_listens_on_is_told_with_its_address(make: Make) -> None:
    stage = make()
    stage.port.words = "it takes no connection"
    assert stage.look(stage.party) == Sighting(None, "[127.0.0.1:9300] it takes no connection")


def test_where_no_key_is_valid_nothing_counts_as_proved(make: Make) -> None:
    stage = make()
    stage.site.now = lambda: datetime.now(UTC) + timedelta(days=5000)
    seen = stage.look(stage.party)
    assert seen == Sighting(None, "no key of the rotation is valid now, so that nothing can be proved")


# What a killed process leaves behind


@pytest.mark.parametrize("written", ["node.crt", "node.key"])
def test_a_certificate_whose_key_was_not_written_any_more_is_completed(make: Make, written: str) -> None:
    stage = make()
    kept = (stage.folder / written).read_bytes()
    given = stage.party.given(replace(stage.both, leaf=stage.party.goal.leaf))
    stage.give(given)
    complete = {path.name: path.read_bytes() for path in stage.folder.iterdir()}
    (stage.folder / written).write_bytes(kept)
    stage.give(given)
    stage.port.take_up()
    assert stage.look(given).holding == given.installed
    assert (stage.folder / "node.crt").read_bytes() == complete["node.crt"]
    bundle = stage.site.papers.leaf("transport/n1/new")
    assert bundle.key is not None
    key = x509.load_pem_x509_certificate(complete["node.crt"]).public_key()
    assert key == bundle.key.public_key()


def test_what_stands_already_is_not_written_again(make: Make) -> None:
    stage = make()
    given = stage.party.given(stage.both)
    stage.give(given)
    written = {path: path.stat().st_ino for path in stage.folder.iterdir()}
    stage.give(given)
    assert {path: path.stat().st_ino for path in stage.folder.iterdir()} == written


# Somebody else


@pytest.mark.parametrize("what", ["certificate", "trust"])
def test_files_that_somebody_else_replaced_are_not_written_over(make: Make, what: str) -> None:
    stage, stranger = make(), make_ca("somebody's CA")
    if what == "certificate":
        stranger.issue(NODE).write(stage.folder)
    else:
        (stage.folder / "ca.crt").write_bytes(stranger.certificate_pem)
    before = {path: path.read_bytes() for path in stage.folder.iterdir()}
    with pytest.raises(IntegrityError, match="nothing was written over them") as caught:
        stage.give(stage.party.given(stage.both))
    assert caught.value.where == "transport of [n1]"
    assert {path: path.read_bytes() for path in stage.folder.iterdir()} == before


def test_a_ca_that_somebody_added_meanwhile_stays_trusted(make: Make) -> None:
    stage, stranger = make(), make_ca("remote cluster's CA")
    with (stage.folder / "ca.crt").open("ab") as file:
        file.write(stranger.certificate_pem)
    stage.give(stage.party.given(stage.both))
    trusted = x509.load_pem_x509_certificates((stage.folder / "ca.crt").read_bytes())
    assert stranger.certificate in trusted
    assert len(trusted) == 3


# Commands


def test_a_restart_that_failed_is_tried_again_though_the_files_stand(make: Make, tmp_path: Path) -> None:
    stage = make(restart=("sh", "-c", f"echo restarted >> {tmp_path}/said; test -e {tmp_path}/works"))
    given = stage.party.given(stage.both)
    with pytest.raises(UnavailableError, match=r"restarting \[n1\]"):
        stage.give(given)
    (tmp_path / "works").touch()
    stage.give(given)
    assert (tmp_path / "said").read_text() == "restarted\nrestarted\n"
    stage.give(given.found(stage.both))
    assert (tmp_path / "said").read_text() == "restarted\nrestarted\n"


def test_a_copy_that_fails_leaves_the_local_folder_true_and_no_key_behind(make: Make) -> None:
    stage = make(copy=("sh", "-c", "echo the host is gone >&2; exit 1", "{source}"))
    before = {path: path.read_bytes() for path in stage.folder.iterdir()}
    with pytest.raises(UnavailableError, match="the host is gone"):
        stage.give(stage.party.given(replace(stage.both, leaf=stage.party.goal.leaf)))
    assert {path: path.read_bytes() for path in stage.folder.iterdir()} == before
    assert list(stage.site.papers.folder.glob("outgoing*")) == []


def test_a_copy_brings_certificate_and_key_together_and_the_local_folder_follows(make: Make, tmp_path: Path) -> None:
    far = tmp_path / "far"
    far.mkdir()
    stage = make(copy=("cp", "-r", "{source}/.", str(far)))
    stage.give(stage.party.given(replace(stage.both, leaf=stage.party.goal.leaf)))
    for name in ("node.crt", "node.key", "ca.crt"):
        assert (far / name).read_bytes() == (stage.folder / name).read_bytes()
