"""The Django application that owns every table."""

from django.apps import AppConfig


class StoreConfig(AppConfig):
    name = "quarterdeck.store"
    label = "store"
    verbose_name = "Quarterdeck store"
