"""Who acts: a person with organisation roles, or the product itself. Says nothing about one incident."""

from __future__ import annotations

from dataclasses import dataclass

_MACHINE = "system"


@dataclass(frozen=True, slots=True)
class Who:
    """`person` is a person id (or "engine", "system"); `roles` are organisation roles, never incident roles.

    The role "system" belongs to the product's own acts: no account may carry it.
    """

    person: str
    roles: frozenset[str] = frozenset()

    @property
    def is_system(self) -> bool:
        return _MACHINE in self.roles


SYSTEM = Who("system", frozenset({_MACHINE}))
ENGINE = Who("engine", frozenset({_MACHINE}))
