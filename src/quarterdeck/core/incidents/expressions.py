"""The closed little language of role cards: "severity <= 2 or impact.legal >= high". Never runs code.

expression = term {"or" term};  term = factor {"and" factor}
    factor = "not" factor | "(" expression ")" | test
test = "always" | "never" | name | name op value | name ["not"] "in" "(" value {"," value} ")"
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from functools import lru_cache

from quarterdeck.core.kernel.moments import duration

from .structure import DIMENSIONS, LEVELS, PHASES

Value = str | int | float | bool | timedelta

NUMBERS = (
    "severity",
    "audience.count",
    "services.count",
    "teams.count",
    "alerts.count",
    "responders.count",
    "tasks.open",
    "severe.score",
)
FLAGS = ("drill", "restricted", "customers.affected", "page.affected", "severity.unknown", "severe.escalated")
WORDS = ("type", "scope", "source")
# What only rules of automation may ask: about the alert, and about what happened. Given to `parse` as `also`.
RULE_WORDS = (
    "alert.severity", "alert.service", "alert.source", "alert.status",
    "trigger.role", "trigger.audience", "trigger.before", "trigger.fact",
)  # fmt: skip
RULE_FLAGS = ("trigger.worse", "trigger.by_rule")
_ANY_WORDS, _ANY_FLAGS = (*WORDS, *RULE_WORDS), (*FLAGS, *RULE_FLAGS)
IMPACTS = tuple(f"impact.{dimension}" for dimension in DIMENSIONS)
# Every name an expression may use.
NAMES = (*NUMBERS, *FLAGS, *WORDS, *IMPACTS, "phase", "duration")
_KEYWORDS = ("and", "or", "not", "in", "always", "never")
# No condition of a response comes near these; what is longer is a mistake, or meant to hold the reader up.
MOST_LETTERS, MOST_DEPTH, MOST_TESTS = 8_000, 20, 200

_TOKEN = re.compile(
    r"\s*(?:(?P<op><=|>=|==|!=|<|>)|(?P<mark>[(),])|(?P<text>\"[^\"]*\"|'[^']*')"
    r"|(?P<number>\d+(?:\.\d+)?(?![\w.]))|(?P<span>(?:\d+[dhms])+)\b|(?P<word>[A-Za-z_][\w.\-]*))"
)


@dataclass(frozen=True, slots=True)
class Constant:
    value: bool


@dataclass(frozen=True, slots=True)
class Flag:
    name: str


@dataclass(frozen=True, slots=True)
class Test:
    """`op` is <, <=, ==, !=, >=, > with one value, or "in" with any number."""

    name: str
    op: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Not:
    inner: Expression


@dataclass(frozen=True, slots=True)
class Both:
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Either:
    left: Expression
    right: Expression


Expression = Constant | Flag | Test | Not | Both | Either

_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}


class Unreadable(ValueError):
    """Text that is no expression. `at` is the place of the word in question, counted from 0."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.at = at


@lru_cache(maxsize=1024)
def parse(text: str, names: tuple[str, ...] = NAMES) -> Expression:
    """The expression as a tree; `names` are those it may use. Raises Unreadable naming an unknown word and the nearest
    known one, and for what is longer, deeper or more than the bounds above.
    """
    if len(text) > MOST_LETTERS:
        raise Unreadable(
            f"the condition has {len(text)} letters; {MOST_LETTERS} is the most. Split the role.",
            MOST_LETTERS,
        )
    reader = _Reader(text, names)
    try:
        tree = reader.either()
        if reader.rest():
            reader.began = len(text) - len(text[reader.at :].lstrip())
            raise ValueError(f"{text!r}: {reader.rest()!r} is left over. Join tests with 'and' or 'or'.")
    except ValueError as e:
        raise Unreadable(str(e), reader.began) from None
    return tree


def evaluate(expression: str | Expression, values: Mapping[str, Value]) -> bool:
    """Whether it holds for the values by name. An impact nobody assessed counts as "none".

    Raises ValueError for text that cannot be parsed and for a name without a value.
    """
    tree = parse(expression) if isinstance(expression, str) else expression
    match tree:
        case Constant(value):
            return value
        case Flag(name):
            return bool(_value(name, values))
        case Not(inner):
            return not evaluate(inner, values)
        case Both(left, right):
            return evaluate(left, values) and evaluate(right, values)
        case Either(left, right):
            return evaluate(left, values) or evaluate(right, values)
        case Test(name, op, wanted):
            return _holds(name, op, _value(name, values), wanted)


def _value(name: str, values: Mapping[str, Value]) -> Value:
    if name in values:
        return values[name]
    if name in IMPACTS:
        return LEVELS[0]
    raise ValueError(f"{name!r} has no value here")


def _holds(name: str, op: str, have: Value, wanted: tuple[Value, ...]) -> bool:
    if name in _ANY_WORDS:
        return (have in wanted) is (op != "!=")
    here = _scale(name, have)
    there = [_scale(name, value) for value in wanted]
    return here in there if op == "in" else _COMPARE[op](here, there[0])


def _scale(name: str, value: Value) -> float:
    """A value as its place on the scale of its name. A word off the scale lies below it."""
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, str):
        scale = PHASES if name == "phase" else LEVELS
        return scale.index(value) if value in scale else -1
    return value


class _Reader:
    """Reads tokens left to right; every method consumes what it names."""

    def __init__(self, text: str, names: tuple[str, ...]) -> None:
        self.text = text
        self.names = names
        self.at = 0
        self.began = 0
        self.depth = 0
        self.tests = 0

    def rest(self) -> str:
        return self.text[self.at :].strip()

    def peek(self) -> str:
        found = _TOKEN.match(self.text, self.at)
        return found.group(0).strip() if found else ""

    def take(self) -> tuple[str, str]:
        """(kind, text) of the next token."""
        found = _TOKEN.match(self.text, self.at)
        self.began = len(self.text) - len(self.text[self.at :].lstrip())
        if not found or not found.lastgroup:
            what = f"{self.rest()!r} is not understood" if self.rest() else "the expression ends too early"
            raise ValueError(f"{self.text!r}: {what}")
        self.at = found.end()
        return found.lastgroup, found.group(found.lastgroup)

    def expect(self, *wanted: str) -> str:
        _, word = self.take()
        if word not in wanted:
            raise ValueError(f"{self.text!r}: {word!r} stands where {' or '.join(wanted)} is expected")
        return word

    def either(self) -> Expression:
        left = self.both()
        while self.peek() == "or":
            self.take()
            left = Either(left, self.both())
        return left

    def both(self) -> Expression:
        left = self.factor()
        while self.peek() == "and":
            self.take()
            left = Both(left, self.factor())
        return left

    def factor(self) -> Expression:
        kind, word = self.take()
        self.tests += 1
        if self.tests > MOST_TESTS or self.depth > MOST_DEPTH:
            raise ValueError(
                f"the condition is too large: {MOST_TESTS} tests and {MOST_DEPTH} levels of brackets are the most"
            )
        if word in ("(", "not"):
            return self.inner(word)
        if word in ("always", "never"):
            return Constant(word == "always")
        if kind != "word" or word not in self.names:
            raise ValueError(f"{self.text!r}: {_unknown(word, (*self.names, *_KEYWORDS))}")
        return self.test(word)

    def inner(self, word: str) -> Expression:
        """What stands in brackets or after "not", one level further in."""
        self.depth += 1
        if word == "(":
            found = self.either()
            self.expect(")")
        else:
            found = Not(self.factor())
        self.depth -= 1
        return found

    def test(self, name: str) -> Expression:
        found = _TOKEN.match(self.text, self.at)
        if self.peek() == "in":
            self.take()
            return Test(name, "in", self.several(name))
        if self.peek() == "not":
            self.take()
            self.expect("in")
            return Not(Test(name, "in", self.several(name)))
        if found and found.lastgroup == "op":
            _, op = self.take()
            if name in _ANY_WORDS and op not in ("==", "!="):
                raise ValueError(f"{self.text!r}: {name} has no order. Compare it with == or !=.")
            return Test(name, op, (self.value(name),))
        if name in _ANY_FLAGS:
            return Flag(name)
        raise ValueError(f"{self.text!r}: say what {name} is compared with, such as {name} == …")

    def several(self, name: str) -> tuple[Value, ...]:
        self.expect("(")
        values = [self.value(name)]
        while self.expect(",", ")") == ",":
            values.append(self.value(name))
        return tuple(values)

    def value(self, name: str) -> Value:
        """A value of the sort that goes with the name."""
        kind, word = self.take()
        word = word[1:-1] if kind == "text" else word
        if name in NUMBERS and kind == "number":
            return float(word) if "." in word else int(word)
        if name == "duration" and kind in ("span", "text"):
            return duration(word)
        if name in _ANY_FLAGS and word in ("true", "false"):
            return word == "true"
        if name in _ANY_WORDS and kind in ("word", "text"):
            return word
        scale = PHASES if name == "phase" else LEVELS if name in IMPACTS else ()
        if word in scale:
            return word
        raise ValueError(f"{self.text!r}: {_unfit(name, word, scale)}")


def _unfit(name: str, word: str, scale: tuple[str, ...]) -> str:
    if scale:
        return _unknown(word, scale)
    return f"{word!r} is not a value of {name}"


def _unknown(word: str, known: tuple[str, ...]) -> str:
    near = get_close_matches(word, known, n=1, cutoff=0.0)
    return (
        f"{word!r} is not a known word. Did you mean {near[0]!r}?"
        if near
        else f"{word!r} is not a known word"
    )
