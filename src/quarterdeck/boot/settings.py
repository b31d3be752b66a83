"""Django's settings, made from the configuration. Nothing else reads the environment for them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from quarterdeck.store import hosts

from . import channel_config, logs, secrets, sqlite_module, vapid  # noqa: F401 - sqlite_module must come before Django's backend
from .config import load

_PROCESS = os.environ.get("QUARTERDECK_PROCESS", "command")
_config = load()
_keys = secrets.held(_config.data)

QUARTERDECK_DATA = _config.data
QUARTERDECK_RUN = _config.run
QUARTERDECK_JOURNAL = _config.data / "journal.db"
QUARTERDECK_JOURNAL_DAYS = _config.journal_days
QUARTERDECK_STATUS = _config.status_folder
QUARTERDECK_STATUS_REFRESH_MINUTES = _config.status.refresh_minutes
QUARTERDECK_STATUS_LOCAL_TARGETS = tuple(_config.status.local_targets)
QUARTERDECK_ATTACHMENTS = _config.attachments_folder
QUARTERDECK_PUBLIC_URL = _config.url
QUARTERDECK_ORGANISATION = _config.organisation
QUARTERDECK_LINK_KEY = _keys.get("link", "")
# Signed with these, a link still opens; nothing new is.
QUARTERDECK_LINK_KEYS_BEFORE = tuple(_keys.get("link.before", "").split())
QUARTERDECK_KEY_IDS = tuple(secrets.ids(_keys))
QUARTERDECK_WATCH_KEY = secrets.watch_key(_keys)
QUARTERDECK_ENGINE_KEY = _keys.get("engine", "")
# Only the engine sends: the others know which channels there are, and hold none of their credentials.
QUARTERDECK_CHANNELS: dict[str, dict[str, Any]] = {"console": {"path": str(_config.data / "console.json")}}
if _config.demo:
    # Whoever tries the demo can have pages on a browser of theirs; nobody else is reached outside.
    QUARTERDECK_CHANNELS[vapid.KIND] = {}
QUARTERDECK_CHANNELS |= {
    kind: values if _PROCESS in ("engine", "command") else {} for kind, values in _config.channels.items()
}
if _PROCESS in ("engine", "command") and vapid.KIND in QUARTERDECK_CHANNELS:
    QUARTERDECK_CHANNELS[vapid.KIND] = vapid.with_key(
        QUARTERDECK_CHANNELS[vapid.KIND], QUARTERDECK_ENGINE_KEY, _config.url
    )
# What providers report comes in at the web process: it holds what checks their signatures, and nothing that sends.
QUARTERDECK_CALLBACKS = channel_config.checking(_config.channels) if _PROCESS in ("web", "command") else {}
QUARTERDECK = msgspec.structs.replace(_config, channels=QUARTERDECK_CHANNELS)
QUARTERDECK_ALLOW_TARGETS = tuple(_config.allow_targets)
QUARTERDECK_SUBSCRIBER_TARGETS = tuple(_config.status.subscriber_targets)
QUARTERDECK_SESSION_SECONDS = _config.session_days * 86400
QUARTERDECK_SECOND_FACTOR = _config.second_factor
QUARTERDECK_DEMO = _config.demo

SECRET_KEY = _keys.get("web", "")
SECRET_KEY_FALLBACKS = _keys.get("web.before", "").split()
DEBUG = False
ALLOWED_HOSTS = _config.hosts
ROOT_URLCONF = "quarterdeck.boot.urls"
WSGI_APPLICATION = None
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "en"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATA_UPLOAD_MAX_MEMORY_SIZE = _config.body_limit_kib * 1024
# A table of components has five fields a row.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 4000
FORM_RENDERER = "quarterdeck.web.form_controls.Renderer"
TEST_RUNNER = "django.test.runner.DiscoverRunner"

INSTALLED_APPS = [
    "quarterdeck.store",
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
]

MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "quarterdeck.web.middleware.SessionsThatEnd",
    "quarterdeck.web.middleware.SecondFactorWanted",
    "quarterdeck.web.middleware.OwnTimeZone",
    "quarterdeck.web.middleware.SameSiteWrites",
    "quarterdeck.web.middleware.GuestsStayInside",
    "quarterdeck.web.middleware.DeclaredPermissions",
    "quarterdeck.web.middleware.PlaceInTheLog",
    "allauth.account.middleware.AccountMiddleware",
    "quarterdeck.web.middleware.PlainRefusals",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "quarterdeck.web.frame.messages",
                "quarterdeck.web.frame.frame",
            ],
        },
    }
]


def _postgres(url: str) -> dict[str, Any]:
    known = hosts.parameters(url)
    return {
        "ENGINE": "quarterdeck.store.postgres",
        "NAME": known.pop("dbname", ""),
        "USER": known.pop("user", ""),
        "PASSWORD": known.pop("password", ""),
        "HOST": known.pop("host", ""),
        "PORT": known.pop("port", ""),
        "OPTIONS": known,
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
    }


def _sqlite(data: Path) -> dict[str, Any]:
    return {
        "ENGINE": "quarterdeck.store.sqlite",
        "NAME": str(data / "quarterdeck.db"),
        # Threads are few and fixed, so each keeps its connection.
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 5,
            "init_command": (
                "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;"
                "PRAGMA cache_size=-20000;PRAGMA temp_store=MEMORY;"
            ),
        },
    }


def database(url: str, data: Path) -> dict[str, Any]:
    """Django's settings of the store at a URL, or (for "") of the file in a data folder."""
    return _postgres(url) if url else _sqlite(data)


DATABASES = {"default": database(_config.database_url, _config.data)}

# Rate limits and used one-time codes outlive a restart and hold on every node.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache_entry",
        "OPTIONS": {"MAX_ENTRIES": 50_000},
    }
}

AUTH_USER_MODEL = "store.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "quarterdeck.web.adapter.Length", "OPTIONS": {"min_length": 8}},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name", "handle")},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/accounts/login/"

# __Host- cookies cannot be set by a neighbour domain; browsers take them over https only.
_prefix = "__Host-" if _config.https else ""
SESSION_ENGINE = "quarterdeck.web.sessions"
SESSION_COOKIE_NAME = f"{_prefix}quarterdeck"
SESSION_COOKIE_AGE = min(3 * 86400, QUARTERDECK_SESSION_SECONDS)
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = _config.https
CSRF_COOKIE_NAME = f"{_prefix}quarterdeck-form"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "quarterdeck.web.reader_faults.csrf_failed"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = _config.https
CSRF_TRUSTED_ORIGINS = [_config.url]
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

ACCOUNT_ADAPTER = "quarterdeck.web.adapter.Accounts"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if _config.https else "http"
ACCOUNT_USER_DISPLAY = "quarterdeck.web.adapter.shown_as"
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
MFA_ADAPTER = "quarterdeck.web.adapter.SecondFactors"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not _config.https
MFA_TOTP_ISSUER = "Quarterdeck"
# Showing them once would be remembered by a GET; they stay visible behind a fresh password instead.
MFA_RECOVERY_CODES_SHOW_ONCE = False
MFA_RECOVERY_CODE_DIGITS = 10
# Addresses are entered by administrators; there is no verification by mail.
MFA_ALLOW_UNVERIFIED_EMAIL = True

DEFAULT_FROM_EMAIL = f"quarterdeck@{urlsplit(_config.url).hostname or 'localhost'}"
STATIC_URL = "/static/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "quarterdeck.web.edge_static.HashedUrls"},
}
STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.AppDirectoriesFinder"]

LOGGING_CONFIG = "logging.config.dictConfig"
LOGGING = logs.logging_config(_config.log_level, _PROCESS)
logs.join_structlog()
SILENCED_SYSTEM_CHECKS: list[str] = []
