"""The routes of the REST interface, for the one place that puts all routes together."""

from __future__ import annotations

from django.urls import include, path

from .application import PREFIX, build, routes

API = build()
ROUTES = [path(PREFIX, include((routes(API), "api")))]
