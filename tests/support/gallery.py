"""Every template with believable contents, as files behind a small server with the product's style policy.

`python tests/support/gallery.py` serves them until it is stopped; `… --into FOLDER` only writes them, which is how
tests get them without Django's settings in their own process. `served()` needs no Django.
The company is invented (Corvane, tickets for ferries and rail); its clock stands still on 18 November 2026, 15:27 CET.
"""

from __future__ import annotations

import contextlib
import functools
import http.server
import subprocess
import sys
import threading
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from urllib.parse import urlsplit

import django
from django.conf import settings

if __name__ == "__main__":  # run as a script: the tests' folder is not on the path
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
SERVED_ZONE = "Europe/Paris"


def configure() -> None:
    """The least of Django that renders the product's templates; nothing of its store."""
    if settings.configured:
        return
    settings.configure(
        SECRET_KEY="gallery",
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF="support.corvane.urls",
        USE_TZ=True,
        TIME_ZONE=SERVED_ZONE,
        STATIC_URL="/static/",
        LOGIN_REDIRECT_URL="/",
        INSTALLED_APPS=[
            "quarterdeck.web",
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "django.contrib.messages",
            "django.contrib.staticfiles",
            "django.contrib.humanize",
            "django_htmx",
            "allauth",
            "allauth.account",
            "allauth.mfa",
        ],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
            "allauth.account.middleware.AccountMiddleware",
        ],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {
                    "context_processors": [
                        "django.template.context_processors.request",
                        "django.contrib.auth.context_processors.auth",
                        "django.contrib.messages.context_processors.messages",
                        "support.corvane.frame.processor",
                    ]
                },
            }
        ],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        AUTHENTICATION_BACKENDS=["allauth.account.auth_backends.AuthenticationBackend"],
        ACCOUNT_LOGIN_METHODS={"email"},
        ACCOUNT_SIGNUP_FIELDS=["email*", "password1*"],
        ACCOUNT_ADAPTER="support.corvane.urls.Closed",
        MFA_SUPPORTED_TYPES=["totp", "webauthn", "recovery_codes"],
        MFA_PASSKEY_LOGIN_ENABLED=True,
        MFA_ALLOW_UNVERIFIED_EMAIL=True,
        EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend",
        STORAGES={"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}},
    )
    django.setup()


def rendered() -> dict[str, str]:
    """Name of the page to its HTML, for every template of the product that is a page."""
    configure()
    from django.contrib.messages.storage.fallback import FallbackStorage
    from django.template.loader import render_to_string
    from django.test import RequestFactory
    from django.utils import timezone

    from support.corvane import accounts, pages

    found: dict[str, str] = {}
    with timezone.override(SERVED_ZONE):
        for name, template, context in pages():
            request = RequestFactory().get(context.pop("path", f"/{name}"))
            request.session = {}
            request._messages = FallbackStorage(request)  # type: ignore[attr-defined]
            for tags, text in context.pop("said", ()):
                request._messages.add(tags, text)  # type: ignore[attr-defined]
            found[name] = render_to_string(template, context, request)
        found |= accounts.rendered()
    return found


def built(folder: Path) -> list[str]:
    """Writes every page into `folder` and answers their names."""
    found = rendered()
    for name, html in found.items():
        (folder / f"{name}.html").write_text(html, encoding="utf-8")
    links = "".join(f'<li><a href="/{n}.html">{n}</a></li>' for n in found)
    (folder / "index.html").write_text(
        f"<!doctype html><title>Gallery</title><ul>{links}</ul>", encoding="utf-8"
    )
    return list(found)


def _static(name: str) -> Path:
    """The file behind a static address, out of the packages that bring some."""
    for package in ("quarterdeck.web", "django_htmx", "allauth.account", "allauth.mfa"):
        spec = find_spec(package)
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            found = Path(folder) / "static" / name
            if found.is_file():
                return found
    return Path("/none-such")


class _Handler(http.server.SimpleHTTPRequestHandler):
    """Pages from the folder, /static/ from the packages, the product's policy on everything."""

    def translate_path(self, path: str) -> str:
        plain = urlsplit(path).path
        if plain.startswith("/static/"):
            return str(_static(plain.removeprefix("/static/")))
        return super().translate_path(path)

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet: requests for live updates, which nobody answers here, would fill the screen."""


@contextlib.contextmanager
def served(folder: Path, port: int = 0) -> Iterator[str]:
    """The address of a server for the folder while the block runs."""
    handler = functools.partial(_Handler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def built_apart(folder: Path) -> list[str]:
    """`built`, in a process of its own: Django can be configured only once in each."""
    subprocess.run(
        [sys.executable, __file__, "--into", str(folder)], check=True, capture_output=True, timeout=120
    )
    return sorted(p.stem for p in folder.glob("*.html") if p.stem != "index")


if __name__ == "__main__" and "--into" in sys.argv:
    built(Path(sys.argv[-1]))
elif __name__ == "__main__":
    target = Path(mkdtemp(prefix="gallery-"))
    print(f"{len(built(target))} pages in {target}")
    with served(target, 8099) as address:
        print(f"open {address}/index.html, stop with Ctrl C")
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()
