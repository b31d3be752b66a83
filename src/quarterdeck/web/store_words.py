"""What people are told when the database had the last word: rare, such as two who do the same at the same moment."""

from __future__ import annotations

import logging

from django.db import DatabaseError, DataError, IntegrityError, InterfaceError, OperationalError

from quarterdeck.core.kernel.refused import Refused, bad, missing

log = logging.getLogger(__name__)


def said(exception: Exception, path: str, *, reads: bool = False) -> Refused | None:
    """In words what the database refused; None for what is a fault of ours, or says that it is out of reach.

    `reads`: nothing was sent but an address, so what fits no column leads nowhere.
    """
    if not isinstance(exception, DatabaseError):
        return None
    if isinstance(exception, DataError) and reads:
        return missing("http.missing", "There is nothing under this address.")
    if isinstance(exception, DataError):
        return bad("request.unfit", "A value does not fit where it belongs. Shorten texts and numbers.")
    if isinstance(exception, IntegrityError):
        log.error("the database refused %s: %s", path[:200], exception, exc_info=exception)
        text = "Something this depends on has changed meanwhile. Reload the page, then try again."
        return Refused("store.clash", text)
    return None


def busy(exception: Exception, path: str) -> str:
    """What to say where the database could not answer at all; "" for anything else."""
    if not isinstance(exception, OperationalError | InterfaceError):
        return ""
    log.warning("the database could not answer %s: %s", path[:200], exception)
    return "The database is busy. Nothing was changed; try again in a second."
