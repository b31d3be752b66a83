"""Who acts: a person with organisation roles, or the product itself. Says nothing about one incident."""

from __future__ import annotations

from dataclasses import dataclass

_MACHINE, _RULE = "system", "rule"
RULE_PREFIX = "rule:"


@dataclass(frozen=True, slots=True)
class Who:
    """`person` is a person id (or "engine", "system"); `roles` are organisation roles, never incident roles.

    The roles "system" and "rule" belong to the product's own acts and to rules of automation: no account may carry
    them. `own` is what a rule was given, and all it may do.
    """

    person: str
    roles: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()

    @property
    def is_system(self) -> bool:
        return _MACHINE in self.roles

    @property
    def is_rule(self) -> bool:
        return _RULE in self.roles

    @property
    def is_machine(self) -> bool:
        """No person: the product, or a rule."""
        return self.is_system or self.is_rule


def rule_actor(key: str, own: frozenset[str]) -> Who:
    """The rule with this key, with what it was given."""
    return Who(f"{RULE_PREFIX}{key}", frozenset({_RULE}), own)


SYSTEM = Who("system", frozenset({_MACHINE}))
ENGINE = Who("engine", frozenset({_MACHINE}))
