"""Status pages of other products, read from what their interfaces answer, and what could be taken of them."""

from __future__ import annotations

from .plan import Plan, PlanLine, plan
from .products import PRODUCTS, read
from .shapes import Cannot, Found, FoundComponent, FoundPost, FoundSubscriber

__all__ = [
    "PRODUCTS",
    "Cannot",
    "Found",
    "FoundComponent",
    "FoundPost",
    "FoundSubscriber",
    "Plan",
    "PlanLine",
    "plan",
    "read",
]
