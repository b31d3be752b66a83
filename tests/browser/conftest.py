"""One Chromium and one running company for every test here; see `support.browser`."""

from support.browser import chromium, company, crowd, enter, enter_crowd

__all__ = ["chromium", "company", "crowd", "enter", "enter_crowd"]
