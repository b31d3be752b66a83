"""A published page and an engine of ours that brings it to its targets, by a clock that we set."""

from __future__ import annotations

from datetime import timedelta

from quarterdeck.app.health import health_targets
from quarterdeck.engine import publish
from quarterdeck.engine.publish_targets import TargetPublisher
from quarterdeck.store import models
from quarterdeck.store.ids import new_id

from .world import World


class Turns:
    """The page is "main"; its targets are for the test to add. Needs the fixture `db`."""

    def __init__(self) -> None:
        publish._out.clear()
        publish._failed.clear()
        self.now = World().now
        models.StatusPage.objects.create(id=new_id(), key="main", title="Main", created_at=self.now)
        self.targets = TargetPublisher(lambda: self.now, "engine@a:1")

    def turn(self, after: timedelta) -> list[str]:
        """Publish what waits and bring it; what health says of it then, the level first."""
        self.now += after
        publish.publish_pages(self.now)
        publish.bring(self.targets, self.now)
        self.targets.wait()
        return [f"{f.level}: {f.text}" for f in health_targets.look(self.now)]

    def rename(self, title: str) -> None:
        page = models.StatusPage.objects.get()
        page.title, page.revision = title, page.revision + 5
        page.save()
