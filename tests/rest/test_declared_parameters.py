"""No parameter is taken and forgotten: what a route declares is read, or stands among those without effect."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from types import ModuleType
from typing import Any

import pytest

from isthmus.rest.routing import Route
from isthmus.rest.without_effect import WITHOUT_EFFECT, without_effect
from tests.docs.api_page import all_routes

FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
ROUTES = all_routes()


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_each_declared_parameter_is_read_or_told_to_be_without_effect(route: Route) -> None:
    read = read_below(module_of(route.handler)) | (read_below(module_of(route.head)) if route.head else frozenset())
    idle = set(without_effect(route.action))
    assert sorted(name for name in route.parameters if name not in read | idle) == []


def test_nothing_is_called_without_effect_that_no_route_takes() -> None:
    taken = {name for route in ROUTES for name in without_effect(route.action) if name in route.parameters}
    assert taken == {name for _, names, _ in WITHOUT_EFFECT for name in names}


def module_of(handler: Callable[..., Any]) -> str:
    return module_of(handler.func) if isinstance(handler, partial) else handler.__module__


@cache
def read_below(module: str) -> frozenset[str]:
    """The texts, and those in constants, that functions use in a module and in those that it imports from `rest`."""
    found: set[str] = set()
    for name in reached(module, {}):
        own = importlib.import_module(name)
        found.update(used(ast.parse(inspect.getsource(own)), vars(own), in_function=False))
    return frozenset(found)


def reached(module: str, seen: dict[str, None]) -> dict[str, None]:
    seen[module] = None
    for value in vars(importlib.import_module(module)).values():
        name = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None)
        if isinstance(name, str) and name.startswith("isthmus.rest.") and name not in seen:
            reached(name, seen)
    return seen


def used(node: ast.AST, names: Mapping[str, Any], *, in_function: bool) -> Iterator[str]:
    """What a table of routes declares is no use."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Call) and isinstance(child.func, ast.Name) and child.func.id == "Route":
            continue
        if in_function and isinstance(child, ast.Constant) and isinstance(child.value, str):
            yield child.value
        if in_function and isinstance(child, ast.Name) and isinstance(names.get(child.id), tuple):
            yield from (one for one in names[child.id] if isinstance(one, str))
        yield from used(child, names, in_function=in_function or isinstance(child, FUNCTION))
