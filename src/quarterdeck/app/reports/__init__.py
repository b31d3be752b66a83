"""Reports of incidents: built from the log, written as Markdown or PDF. Reads only; restricted incidents do not exist
for outsiders.
"""

from __future__ import annotations

from quarterdeck.core.reviews import Report

from .build import Page, build, page_of
from .markdown import markdown

__all__ = ["Page", "Report", "build", "markdown", "page_of", "pdf"]


def pdf(report: Report, *, whole: bool = False, undated: bool = False) -> bytes:
    """The report on A4. `whole` keeps the background lines of the timeline too; `undated` holds no time of writing.

    The library for it is loaded with the first PDF: most processes never make one.
    """
    from .paper import pdf as write

    return write(report, whole=whole, undated=undated)
