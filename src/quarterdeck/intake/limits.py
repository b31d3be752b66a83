"""How much one delivery of a tool may hold. Numbers only; the modules beside this one enforce them."""

from __future__ import annotations

MAX_BODY = 1024 * 1024  # bytes of one request body, after inflating
MAX_ALERTS = 1_000  # alerts in one body
MAX_LABELS = 64  # labels of one alert, and annotations of one alert
MAX_NAME = 200  # characters of the name of a label, annotation or detail
MAX_VALUE = 2_000  # characters of a value; longer ones are cut
MAX_SUMMARY = 300  # characters of a summary; longer ones are cut
MAX_KEY = 255  # characters of a key that the sender chose
MAX_DETAILS = 64  # details shown with one alert; what is more is counted, not shown
MAX_LINKS = 20  # links of one alert
MAX_DEPTH = 64  # how deep objects and lists may nest
MAX_NODES = 10_000  # values in a body of free shape
