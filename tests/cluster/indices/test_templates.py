"""Templates are kept together: what is judged by all of them holds though others write meanwhile."""

from __future__ import annotations

import pytest

from isthmus.cluster.indices.templates import TemplateMissingError
from isthmus.errors import UsageError
from isthmus.index.metadata.templates import InvalidTemplateError, parse_component_template
from tests.cluster.indices.state import CHECKS, OneNode

BASE = parse_component_template("base", {"template": {"settings": {"hidden": True}}}, CHECKS)


async def test_templates_are_known_to_every_copy_of_the_state(node: OneNode) -> None:
    await node.put_template("t", index_patterns=["a*"], priority=3)
    await node.templates.put_component_template("base", BASE)
    copy = OneNode(node.store).templates
    assert copy.index_templates == node.templates.index_templates
    assert copy.component_templates == {"base": BASE}


async def test_of_two_that_overlap_and_come_at_once_the_second_is_refused(node: OneNode) -> None:
    async def another() -> None:
        await node.put_template("first", index_patterns=["a*"])

    node.before_commit = another
    with pytest.raises(InvalidTemplateError, match="first"):
        await node.put_template("second", index_patterns=["*b"])
    assert set(node.templates.index_templates) == {"first"}


async def test_a_component_that_is_needed_stays(node: OneNode) -> None:
    await node.templates.put_component_template("base", BASE)
    await node.put_template("t", index_patterns=["a*"], composed_of=["base"])
    with pytest.raises(UsageError, match=r"\[base\] cannot be removed as they are still in use .* \[t\]"):
        await node.templates.delete_component_templates(["base"])
    await node.templates.delete_index_templates(["t"])
    await node.templates.delete_component_templates(["base"])
    assert node.templates.component_templates == {}


async def test_templates_are_deleted_by_names_and_patterns_and_a_missing_name_is_told(node: OneNode) -> None:
    await node.put_template("one", index_patterns=["a*"])
    await node.put_template("other", index_patterns=["b*"])
    with pytest.raises(TemplateMissingError, match="gone"):
        await node.templates.delete_index_templates(["o*", "gone"])
    await node.templates.delete_index_templates(["o*"])
    assert node.templates.index_templates == {}


async def test_a_template_that_shall_be_new_takes_no_others_place(node: OneNode) -> None:
    await node.templates.put_component_template("base", BASE, create=True)
    with pytest.raises(UsageError, match=r"\[base\] already exists"):
        await node.templates.put_component_template("base", BASE, create=True)
