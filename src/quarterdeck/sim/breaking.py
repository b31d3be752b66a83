"""Taking one part of the product away for the length of a run: a function, a constant, a statement."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from django.db import connection

Breaking = Callable[[], AbstractContextManager[None]]


@contextmanager
def instead(owner: Any, name: str, new: Any) -> Iterator[None]:
    """`owner.name` is `new`."""
    before = owner.__dict__[name]
    setattr(owner, name, new)
    try:
        yield
    finally:
        setattr(owner, name, before)


@contextmanager
def everywhere(old: Any, new: Any, but: str = "") -> Iterator[None]:
    """Wherever a module of the product has imported `old`, `new` stands; `but` is a module that keeps it."""
    places = [
        (module, name)
        for key, module in list(sys.modules.items())
        if key.startswith("quarterdeck.") and not key.startswith("quarterdeck.sim.") and key != but
        for name, value in list(vars(module).items())
        if value is old
    ]
    for module, name in places:
        setattr(module, name, new)
    try:
        yield
    finally:
        for module, name in places:
            setattr(module, name, old)


@contextmanager
def forgotten(*marks: str) -> Iterator[None]:
    """Statements that hold all these marks, in their text or their values, are left out."""

    def wrapper(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        told = f"{sql} {params}" if any(mark in sql for mark in marks) else ""
        if told and all(mark in told for mark in marks):
            return None
        return execute(sql, params, many, context)

    with connection.execute_wrapper(wrapper):
        yield


def function(old: Any, make: Callable[[Any], Any]) -> Breaking:
    """`make(old)` everywhere in the place of a function."""
    return lambda: everywhere(old, make(old))


def part(owner: Any, name: str, make: Callable[[Any], Any]) -> Breaking:
    """`make(old)` in the place of a method or a constant of `owner`."""
    return lambda: instead(owner, name, make(owner.__dict__[name]))
