"""Subscribers of status pages: asked, confirmed, told, ended."""
