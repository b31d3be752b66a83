"""Status pages: component states, published posts, what alerts suggest. Only what the public may see."""

from .bars import FORMULA, Calendar, Day, Record, StateChange, calendar, record
from .material import Material
from .page import snapshot
from .shapes import (
    Component,
    ComponentView,
    GroupView,
    IncidentView,
    PageSnapshot,
    Post,
    PostView,
    StatusPage,
)

__all__ = [
    "FORMULA",
    "Calendar",
    "Component",
    "ComponentView",
    "Day",
    "GroupView",
    "IncidentView",
    "Material",
    "PageSnapshot",
    "Post",
    "PostView",
    "Record",
    "StateChange",
    "StatusPage",
    "calendar",
    "record",
    "snapshot",
]
