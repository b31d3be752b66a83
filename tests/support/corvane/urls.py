"""Routes that allauth's templates resolve, and nothing else."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.urls import include, path


class Closed(DefaultAccountAdapter):
    """Nobody signs up by himself."""

    def is_open_for_signup(self, request: object) -> bool:
        return False


urlpatterns = [path("accounts/", include("allauth.urls"))]
