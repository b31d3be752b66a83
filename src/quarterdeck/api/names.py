"""People's names for the ids in an answer, fetched at once for the whole answer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from quarterdeck.app.paging.directory import Directory
from quarterdeck.core.kernel.refused import bad
from quarterdeck.store import models

from .fields import Named


class Names:
    """Ids to names, for one request. Load the ids of a list first; a single one is fetched when asked for."""

    def __init__(self, now: datetime) -> None:
        self._directory = Directory(now)

    def load(self, ids: Iterable[str]) -> Names:
        """These names fetched at once, beside those that are known already."""
        self._directory.load_people({i for i in ids if i})
        return self

    def of(self, person_id: str) -> Named:
        return Named(id=person_id, name=self._directory.name(person_id))

    def maybe(self, person_id: str) -> Named | None:
        """None for no id."""
        return self.of(person_id) if person_id else None


def must_be_active(person_id: str, field: str) -> None:
    """Refuse the id of nobody who is here now, naming the field of the request."""
    if not models.Person.objects.filter(id=person_id, is_active=True).exists():
        message = "There is no such active person. Choose one from the list."
        raise bad("person.unknown", message, **{field: "unknown person"})
