"""Django settings; what an operator may change comes from the environment."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from psycopg.conninfo import conninfo_to_dict

from .home import data_home, library_path, secret

PACKAGE = Path(__file__).resolve().parents[1]
NEVER_UNASKED = 2**31 - 1  # uses of a statement before it is prepared unasked (books/one_row)

TANHUI_HOME = data_home()
TANHUI_LIBRARY = library_path()
TANHUI_PROGRAMME = os.environ.get("TANHUI_PROGRAMME", "tanhui")
TANHUI_ADDRESS = os.environ.get("TANHUI_ADDRESS", "http://localhost:8000")
TANHUI_NAME_ZH = os.environ.get("TANHUI_NAME_ZH", "碳惠演示平台")
TANHUI_NAME_EN = os.environ.get("TANHUI_NAME_EN", "Tanhui demonstration")
DEFAULT_LOG_NAME, DEFAULT_WITNESS_NAME = "localhost/log", "localhost/witness"
TANHUI_LOG_NAME = os.environ.get("TANHUI_LOG_NAME", DEFAULT_LOG_NAME)
TANHUI_WITNESS_NAME = os.environ.get("TANHUI_WITNESS_NAME", DEFAULT_WITNESS_NAME)
TANHUI_WITNESS_LOGS = os.environ.get("TANHUI_WITNESS_LOGS", "")
TANHUI_WITNESSES = os.environ.get("TANHUI_WITNESSES", "")
TANHUI_WITNESSES_MIN = int(os.environ.get("TANHUI_WITNESSES_MIN", "0"))
TANHUI_EVIDENCE_STORE = os.environ.get("TANHUI_EVIDENCE_STORE", "")
TANHUI_SEAL = os.environ.get("TANHUI_SEAL", "aes-256-gcm")
TANHUI_CLAIMS_PER_DAY = int(os.environ.get("TANHUI_CLAIMS_PER_DAY", "200000"))
TANHUI_REGION = os.environ.get("TANHUI_REGION", "100000")

SECRET_KEY = secret("web").hex()
DEBUG = False
ALLOWED_HOSTS = os.environ.get("TANHUI_HOSTS", "localhost,127.0.0.1,[::1]").split(",")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "tanhui.books.apps.BooksConfig",
    "tanhui.domain.citizens.apps.CitizensConfig",
    "tanhui.domain.partners.apps.PartnersConfig",
    "tanhui.domain.feeds.apps.FeedsConfig",
    "tanhui.domain.consents.apps.ConsentsConfig",
    "tanhui.domain.viewings.apps.ViewingsConfig",
    "tanhui.domain.organisations.apps.OrganisationsConfig",
    "tanhui.domain.matters.apps.MattersConfig",
    "tanhui.domain.rules.apps.RulesConfig",
    "tanhui.domain.pools.apps.PoolsConfig",
    "tanhui.domain.claims.apps.ClaimsConfig",
    "tanhui.interfaces",
]

MIDDLEWARE = [
    "tanhui.interfaces.api.boundary.BoundaryMiddleware",
    "tanhui.interfaces.api.signed_calls.SignedCallMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "tanhui.interfaces.urls"
WSGI_APPLICATION = "tanhui.interfaces.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]


def _database(url: str | None) -> dict[str, Any]:
    """Django's form of a libpq address; without one, nothing can connect (see database.py)."""
    parts: dict[str, Any] = dict(conninfo_to_dict(url)) if url else {"host": "/nonexistent"}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.pop("dbname", "postgres"),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": parts.pop("port", ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": parts | {"prepare_threshold": NEVER_UNASKED},
        "TEST": {"NAME": f"test_tanhui_{os.getpid()}"},
    }


DATABASES = {"default": _database(os.environ.get("DATABASE_URL"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "interfaces" / "locale"]

STATIC_URL = "static/"
WHITENOISE_USE_FINDERS = True

LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "tanhui.interfaces.public.errors.csrf_failed"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_AGE = 31_536_000  # a year
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
if os.environ.get("TANHUI_HTTPS") == "1":
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

DATA_UPLOAD_MAX_MEMORY_SIZE = 80 * 1024 * 1024  # above the upload limit, which answers itself
