"""Templates are kept together: what is judged by all of them holds though others write meanwhile."""

from __future__ import annotations

import pytest

from isthmus.cluster.indices.template_catalogue import TemplateNotFoundError
from isthmus.errors import UsageError
from tests.cluster.indices.state import OneNode

HIDDEN = {"hidden": True}


async def test_templates_are_known_to_every_copy_of_the_state(node: OneNode) -> None:
    await node.put_template("t", index_patterns=["a*"], priority=3)
    await node.put_component("base", settings=HIDDEN)
    copy = OneNode(node.store).templates
    assert copy.templates == node.templates.templates != {}
    assert copy.components == node.templates.components != {}


async def test_of_two_that_overlap_and_come_at_once_the_second_is_refused(node: OneNode) -> None:
    async def another() -> None:
        await node.put_template("first", index_patterns=["a*"])

    node.before_commit = another
    with pytest.raises(UsageError, match="first"):
        await node.put_template("second", index_patterns=["*b"])
    assert set(node.templates.templates) == {"first"}


async def test_a_component_that_is_needed_stays(node: OneNode) -> None:
    await node.put_component("base", settings=HIDDEN)
    await node.put_template("t", index_patterns=["a*"], composed_of=["base"])
    with pytest.raises(UsageError, match=r"\[base\] cannot be removed as they are still in use .* \[t\]"):
        await node.templates.delete("base", component=True)
    await node.templates.delete("t", component=False)
    await node.templates.delete("base", component=True)
    assert node.templates.components == {}


async def test_a_component_that_a_template_can_do_without_may_go(node: OneNode) -> None:
    await node.put_component("base", settings=HIDDEN)
    lenient = {"composed_of": ["base"], "ignore_missing_component_templates": ["base"]}
    await node.put_template("t", index_patterns=["a*"], **lenient)
    await node.templates.delete("base", component=True)
    assert (await node.create("a")).settings == {}


async def test_a_template_that_is_not_there_is_told(node: OneNode) -> None:
    with pytest.raises(TemplateNotFoundError, match="gone"):
        await node.templates.delete("gone", component=False)


async def test_a_template_that_shall_be_new_takes_no_others_place(node: OneNode) -> None:
    await node.put_component("base", settings=HIDDEN, create=True)
    with pytest.raises(UsageError, match=r"\[base\] already exists"):
        await node.put_component("base", settings=HIDDEN, create=True)
