"""Copy-on-write for the maps of an incident: the map that went in is never changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T")
D = TypeVar("D", bound="DataclassInstance")


def put(parts: Mapping[str, T], key: str, part: T) -> Mapping[str, T]:
    return {**parts, key: part}


def drop(parts: Mapping[str, T], key: str) -> Mapping[str, T]:
    return {k: v for k, v in parts.items() if k != key}


def change(parts: Mapping[str, D], key: str, /, **values: object) -> Mapping[str, D]:
    """One part with other values; the same map when the part is unknown: a log stays readable."""
    part = parts.get(key)
    if part is None:
        return parts
    return {**parts, key: replace(part, **values)}
