"""Where in a tool's JSON our fields are: the declared mapping of a webhook. It is data, never code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from quarterdeck.core.alerts.signal import SEVERITIES
from quarterdeck.core.kernel.refused import Refused

from .limits import MAX_NAME
from .paths import fault_in, steps_of

MAX_CHOICES = 10  # paths tried for one field
MAX_WORDS = 50  # words of one list or table

_PATHS = (
    "items",
    "key",
    "title",
    "message",
    "severity",
    "status",
    "service",
    "source",
    "starts_at",
    "links",
    "labels",
)
_WORDS = ("resolve_when", "acknowledge_when")
_TABLE = "severity_map"


@dataclass(frozen=True, slots=True)
class Fields:
    """A mapping ready for use. Each field: paths, texts or templates (see `paths`) tried in order.

    `items` leads to the list of alerts where one body holds several; all other paths start at the item.
    The words of `resolve_when` and `acknowledge_when` are values of `status`, in lower case.
    """

    items: tuple[str, ...] = ()
    key: tuple[str, ...] = ("dedup_key",)
    title: tuple[str, ...] = ("title", "summary")
    message: tuple[str, ...] = ("message",)
    severity: tuple[str, ...] = ("severity",)
    status: tuple[str, ...] = ("status",)
    service: tuple[str, ...] = ("service",)
    source: tuple[str, ...] = ("source", "host")
    starts_at: tuple[str, ...] = ("starts_at", "timestamp")
    links: tuple[str, ...] = ("links", "url")
    labels: tuple[str, ...] = ("labels",)
    severity_map: Mapping[str, str] = field(default_factory=dict)
    resolve_when: tuple[str, ...] = (
        *("resolved", "resolve", "ok", "closed", "close", "recovered", "recovery"),
        *("up", "success", "normal", "healthy", "inactive"),
    )
    acknowledge_when: tuple[str, ...] = ("acknowledged", "acknowledge", "ack")


DEFAULT = Fields()


def check_mapping(mapping: Mapping[str, object]) -> None:
    """Raises Refused (`intake.mapping`) with one entry in `fields` for each field of the mapping at fault.

    Shape: {"title": "alert.title" | ["$.a.b[0]", "=Fixed text", "{{ host }}: {{ check }}"], …,
    "severity_map": {"5": "critical"}, "resolve_when": ["ok"], "acknowledge_when": [], "items": "alerts"}.
    """
    faults = {name: fault for name, value in mapping.items() if (fault := _fault(name, value))}
    if faults:
        message = "The mapping cannot be used. " + " ".join(
            f"{name}: {fault}" for name, fault in faults.items()
        )
        raise Refused("intake.mapping", message, kind="bad", fields=faults)


def fields_of(mapping: Mapping[str, object] | None) -> Fields:
    """The mapping ready for use. What is absent, or would not pass `check_mapping`, keeps its default."""
    usable = {name: value for name, value in (mapping or {}).items() if not _fault(name, value)}
    if not usable:
        return DEFAULT
    ready: dict[str, object] = {name: _texts(value) for name, value in usable.items() if name in _PATHS}
    ready |= {name: tuple(map(_word, _texts(value))) for name, value in usable.items() if name in _WORDS}
    if isinstance(table := usable.get(_TABLE), Mapping):
        ready[_TABLE] = {_word(k): str(v) for k, v in table.items()}
    return replace(DEFAULT, **ready)  # type: ignore[arg-type]  # the names are those of the tuples above


def _fault(name: object, value: object) -> str:
    if name in _PATHS:
        return _fault_in_paths(value) or (_fault_in_items(value) if name == "items" else "")
    if name in _WORDS:
        return _fault_in_words(value)
    if name == _TABLE:
        return _fault_in_table(value)
    return f"is not a field of a mapping. Use one of {', '.join((*_PATHS, _TABLE, *_WORDS))}."


def _fault_in_paths(value: object) -> str:
    written = [value] if isinstance(value, str) else value
    if not isinstance(written, list | tuple) or not all(isinstance(w, str) for w in written):
        return "must be a path such as alert.title, or a list of paths."
    if not 1 <= len(written) <= MAX_CHOICES:
        return f"has {len(written)} paths. Give 1 to {MAX_CHOICES}."
    return next((fault for w in written if (fault := fault_in(w))), "")


def _fault_in_items(value: object) -> str:
    wrong = next((w for w in _texts(value) if steps_of(w) is None), None)
    return f"{wrong[:60]!r} is not a path. Name the list in the body, such as alerts." if wrong else ""


def _fault_in_words(value: object) -> str:
    words = [value] if isinstance(value, str) else value
    if not isinstance(words, list | tuple) or not all(
        isinstance(w, str) and len(w) <= MAX_NAME for w in words
    ):
        return f"must be a list of words of at most {MAX_NAME} characters, such as resolved."
    return f"has more than {MAX_WORDS} words. Leave some out." if len(words) > MAX_WORDS else ""


def _fault_in_table(value: object) -> str:
    if not isinstance(value, Mapping) or not all(isinstance(k, str) and len(k) <= MAX_NAME for k in value):
        return 'must be a table from the tool\'s words to ours, such as {"5": "critical"}.'
    if len(value) > MAX_WORDS:
        return f"has more than {MAX_WORDS} words. Leave some out."
    wrong = [str(k) for k, v in value.items() if v not in SEVERITIES]
    return f"gives {wrong[0][:40]!r} no severity of ours. Use {', '.join(SEVERITIES)}." if wrong else ""


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(str(v) for v in value) if isinstance(value, list | tuple) else ()


def _word(text: str) -> str:
    return text.strip().lower()
