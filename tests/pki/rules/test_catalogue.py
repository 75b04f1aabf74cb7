from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from hypothesis import given, settings
from hypothesis import strategies as st

from isthmus.pki.rules import CLUSTER_RULES, RULES, Circumstances, judge, judge_cluster
from isthmus.pki.rules.rule import ClusterRule, Rule
from tests.certificates import make_ca, self_signed
from tests.pki.making import CA_USAGES, Recipe, intermediate, odd_authority
from tests.pki.rules.facts import CA, LEAF, NOW, OTHER_CA, channel, node

_ALL: tuple[Rule | ClusterRule, ...] = (*RULES, *CLUSTER_RULES)
_HERE = Path(__file__).parent
_OLD = make_ca(key_usage=False)
_ROOT = odd_authority(Recipe("Odd", is_ca=True, usages=("cRLSign",), purposes=(), path_length=0))
_BELOW = intermediate(_ROOT)
_RENEWED = Recipe("Odd", is_ca=True, usages=CA_USAGES, identifier=b"x").sign(_ROOT.key, None, _ROOT.key)
_CROSSED = Recipe("Odd", is_ca=True, usages=None).sign(_ROOT.key, CA.certificate, CA.key)
_ODD: tuple[x509.Certificate, ...] = (
    LEAF.certificate,
    CA.certificate,
    OTHER_CA.certificate,
    _OLD.certificate,
    _OLD.issue(" ", dns=["*.example.com", "*"], ips=["::1"]).certificate,
    _ROOT.certificate,
    _BELOW.certificate,
    _RENEWED,
    _CROSSED,
    Recipe(usages=None, authority_identifier=False, path_length=1, is_ca=True).sign(
        LEAF.key, _BELOW.certificate, _BELOW.key
    ),
    Recipe(usages=CA_USAGES, purposes=()).sign(LEAF.key, _BELOW.certificate, _BELOW.key),
    self_signed().certificate,
)
_SOME = st.lists(st.sampled_from(_ODD), max_size=5).map(tuple)


def test_every_rule_has_a_name_of_its_own_in_kebab_case_and_a_page() -> None:
    assert [name for name, times in Counter(rule.id for rule in _ALL).items() if times > 1] == []
    for rule in _ALL:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.id)
        assert len(rule.page) > 20


def test_every_rule_is_named_by_a_test_and_every_test_names_a_rule() -> None:
    texts = [path.read_text() for path in _HERE.glob("test_*.py")]
    named = {name for text in texts for name in re.findall(r'(?:found|severity)\(\s*"([a-z0-9-]+)"', text)}
    assert named == {rule.id for rule in _ALL}


@settings(deadline=None, max_examples=150)
@given(
    presented=_SOME,
    trusted=_SOME,
    known=_SOME,
    name=st.sampled_from(["transport", "http", "remote_cluster_server", "remote_cluster_client"]),
    hosts=st.lists(st.text(max_size=12) | st.sampled_from(["::1", "a.example.com", ".", ""]), max_size=3),
    days=st.integers(-800, 4000),
)
def test_no_mixture_of_odd_certificates_stops_the_judgement(
    presented: tuple[x509.Certificate, ...],
    trusted: tuple[x509.Certificate, ...],
    known: tuple[x509.Certificate, ...],
    name: str,
    hosts: list[str],
    days: int,
) -> None:
    at = Circumstances(now=NOW + timedelta(days=days), public=frozenset(known[:1]), elsewhere=known[1:])
    odd = node(channel(presented=presented, trusted=trusted, name=name), addresses=hosts)
    everything = [*judge(odd, at), *judge_cluster([odd, node(channel(name=name), name="sound")], at)]
    assert all(one.sentence and one.mend and one.where for one in everything)
