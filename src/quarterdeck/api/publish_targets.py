"""Where else a status page is brought: buckets, repositories and folders on other machines."""

from __future__ import annotations

from typing import Annotated, Literal

from ninja import Query
from pydantic import Field

from quarterdeck.app.status import publish_targets as acts
from quarterdeck.app.status.status_pages import find_page
from quarterdeck.channels.status_targets import KINDS
from quarterdeck.store import models

from .doors import Request
from .fields import Asked, Flag, Id, Key, Moment, Read, Text, Write, Yes
from .operations import Noun
from .pages import Page, whole

NOUN = Noun("Status pages", "/status-pages/{page}/targets")
Kind = Literal[tuple(KINDS)]  # type: ignore[valid-type]
Settings = Annotated[
    dict[Annotated[str, Text(40, least=1)], Annotated[str, Text(2000)] | int], Field(max_length=20)
]


class PublishTarget(Read):
    """`failure` says why the newest publication is not there yet, `test_failure` why the last try failed; both are
    empty while all is well. `behind_since` is null while the target shows the newest. The secret is never told.
    `leaving`: it was removed, and is in the list until the published files are taken away from there.
    """

    id: str
    name: str
    kind: Kind
    settings: dict[str, str | int]
    enabled: bool
    leaving: bool
    changes: int
    succeeded_at: Moment | None
    failed_at: Moment | None
    failure: str
    failures: int
    behind_since: Moment | None
    next_try_at: Moment | None
    tested_at: Moment | None
    test_failure: str
    test_asked_at: Moment | None


class PublishTargetWrite(Write):
    """`settings` by kind. s3: endpoint, bucket, region, access_key, prefix. git: url, branch, host_key. rsync and sftp:
    host, folder, user, host_key, port. `secret` is the secret key of a bucket, else a private key.
    """

    kind: Kind
    name: Annotated[str, Text(120, least=1)]
    settings: Settings = Field(default_factory=dict)
    secret: Annotated[str, Text(20_000)] = ""


class PublishTargetPatch(Write):
    """Only what is named changes, also within `settings`. An empty secret leaves it."""

    name: Annotated[str, Text(120, least=1)] | None = None
    enabled: Yes | None = None
    settings: Settings | None = None
    secret: Annotated[str, Text(20_000)] | None = None


class TargetRemovalAsked(Asked):
    take_away: Flag = False


@NOUN.get("", "status.edit", Page[PublishTarget])
def list_publish_targets(request: Request, page: Key) -> Page[PublishTarget]:
    """Every target of a page, in the order they were added."""
    return whole(_told(row) for row in acts.of_page(find_page(page)))


@NOUN.post("", "status.edit", PublishTarget)
def add_publish_target(request: Request, page: Key, body: PublishTargetWrite) -> PublishTarget:
    """Have the page brought somewhere else, too. It is tried, and brought there, at once."""
    return _told(acts.add(request.act, page, body.kind, body.name, body.settings, body.secret))


@NOUN.get("/{target}", "status.edit", PublishTarget)
def get_publish_target(request: Request, page: Key, target: Id) -> PublishTarget:
    return _told(acts.find(page, target))


@NOUN.patch("/{target}", "status.edit", PublishTarget)
def change_publish_target(request: Request, page: Key, target: Id, body: PublishTargetPatch) -> PublishTarget:
    """Change a target; the whole page is brought there anew."""
    row = acts.change(
        request.act,
        page,
        target,
        name=body.name,
        enabled=body.enabled,
        values=body.settings,
        secret=body.secret,
    )
    return _told(row)


@NOUN.delete("/{target}", "status.edit")
def remove_publish_target(request: Request, page: Key, target: Id, asked: Query[TargetRemovalAsked]) -> None:
    """Nothing is brought there any more. What is there stays; with `take_away` the published files are taken away from
    there first, and the target is `leaving` until that is done. Without it, one that is leaving is removed at once.
    """
    acts.remove(request.act, page, target, take_away=asked.take_away)


@NOUN.put("/{target}/test", "status.edit", PublishTarget)
def test_publish_target(request: Request, page: Key, target: Id) -> PublishTarget:
    """Have it tried now. The answer is in `tested_at` and `test_failure` within seconds."""
    return _told(acts.ask_test(request.act, page, target))


def _told(row: models.PublishTarget) -> PublishTarget:
    return PublishTarget.model_validate(row)
