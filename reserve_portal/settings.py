"""One settings file for every way to run; the environment decides (see README, "Two ways to run")."""

import base64
import hashlib
import sys
from pathlib import Path
from typing import Any

import dj_database_url
import structlog
import yaml
from csp.constants import NONE, SELF
from environs import Env

from reserve_portal.core.logs import hide_one_time_links

env = Env()
BASE_DIR = Path(__file__).resolve().parent.parent


def _time_zone_of(region: str) -> str:
    """The region's preset knows its time zone; `region` is a preset's name or a path to one."""
    path = (
        Path(region)
        if region.endswith(".yaml")
        else BASE_DIR / f"reserve_portal/regulations/presets/{region}.yaml"
    )
    return yaml.safe_load(path.read_text(encoding="utf-8"))["edition"]["time_zone"]


# The living example: invented people, second factor not demanded, the clock may be moved. Never set it for real people.
LIVING_EXAMPLE = env.bool("LIVING_EXAMPLE", False)
PRODUCTION = not LIVING_EXAMPLE
DEBUG = env.bool("DEBUG", False)
SECRET_KEY = env.str("SECRET_KEY", "")
if not SECRET_KEY:
    sys.exit("Не задан SECRET_KEY: укажите в окружении длинную случайную строку (не короче 50 знаков).")
if PRODUCTION and len(SECRET_KEY) < 50:
    sys.exit("SECRET_KEY слишком короткий: укажите случайную строку не короче 50 знаков.")


def _field_keys(text: str, secret: str) -> dict[str, bytes]:
    """Keys of the sealed fields, the present one first, from «id:base64,id:base64»; without any, one of SECRET_KEY."""
    keys = {
        name: base64.b64decode(key)
        for name, _, key in (part.partition(":") for part in text.split(",") if part)
    }
    if any(len(key) != 32 for key in keys.values()):
        sys.exit("FIELD_KEYS: каждый ключ — 32 случайных байта в base64, перед ним имя и двоеточие.")
    return keys or {"secret": hashlib.sha256(f"fields:{secret}".encode()).digest()}


FIELD_KEYS = _field_keys(env.str("FIELD_KEYS", ""), SECRET_KEY)
REGION = env.str("REGION", "tomsk")
DATA_DIR = Path(env.str("DATA_DIR", str(BASE_DIR / "var" / "run"))).resolve()
SITE_URL = env.str("SITE_URL", "http://127.0.0.1:8000").rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", [])
# Who sends it with «Authorization: Bearer» reads on the health page what exactly was found.
HEALTH_TOKEN = env.str("HEALTH_TOKEN", "")
# How many own proxies stand before the web process, each adding one address to X-Forwarded-For.
PROXY_COUNT = env.int("PROXY_COUNT", 1 if PRODUCTION else 0)

INSTALLED_APPS = [
    "reserve_portal.core.admin_config.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_filters",
    "django_htmx",
    "django_structlog",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "reserve_portal.core",
    "reserve_portal.audit",
    "reserve_portal.accounts",
    "reserve_portal.regulations",
    "reserve_portal.papers",
    "reserve_portal.notifications",
    "reserve_portal.pages",
    "commissions",
    "candidates",
    "assessment",
    "reservists",
    "vacancies",
    "reserve_portal.simulation",
]

MIDDLEWARE = [
    "reserve_portal.core.middleware.ClientAddressMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "reserve_portal.core.middleware.UnitOfWorkMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "reserve_portal.core.middleware.PrivatePagesMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "reserve_portal.accounts.middleware.SecondFactorMiddleware",
    "reserve_portal.audit.middleware.AuditContextMiddleware",
]

ROOT_URLCONF = "reserve_portal.urls"
WSGI_APPLICATION = "reserve_portal.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "reserve_portal.core.context_processors.portal",
            ],
        },
    },
]

DATABASES = {
    "default": dj_database_url.parse(
        env.str("DATABASE_URL", "") or f"sqlite:///{DATA_DIR / 'portal.sqlite3'}", conn_max_age=60
    )
}
# IMMEDIATE takes the write lock at BEGIN: without it concurrent writers fail instead of waiting.
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = SQLITE_OPTIONS
    DATABASES["default"]["CONN_MAX_AGE"] = 0
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", "")
if REDIS_URL:
    CACHES = {
        "default": {
            "BACKEND": "reserve_portal.core.cache.ForgivingRedisCache",
            "LOCATION": REDIS_URL,
            "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 2, "retry": None},
        }
    }
else:
    CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache_table"}
    }

# --- people -------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
if env.bool("FAST_PASSWORDS", False) and LIVING_EXAMPLE:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "pages:front"
ACCOUNT_ADAPTER = "reserve_portal.notifications.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_SIGNUP_FORM_CLASS = "reserve_portal.accounts.forms.SignupNamesForm"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if PRODUCTION else "http"
ACCOUNT_RATE_LIMITS: dict[str, str] | bool = {"login_failed": "10/m/ip,5/5m/key"}
if env.bool("FAST_PASSWORDS", False) and LIVING_EXAMPLE:
    ACCOUNT_RATE_LIMITS = False
SECOND_FACTOR_REQUIRED = PRODUCTION
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Кадровый резерв"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True

# --- what leaves the server ---------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "reserve_portal.core.views.csrf_failure"
if PRODUCTION:
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", True)
    SECURE_REDIRECT_EXEMPT = [r"^health/$"]  # the machine asks its own web process without a proxy between
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", 31_536_000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- files --------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = DATA_DIR / "static"
# Private: no address serves this folder; every download is a view that checks the right.
MEDIA_ROOT = DATA_DIR / "files"
# nginx's internal location over this folder, such as "/private-files/"; empty: the portal sends files itself.
X_ACCEL_PREFIX = env.str("X_ACCEL_PREFIX", "")
# Then nginx reads the files as a member of the portal's group; otherwise they are the portal's alone.
FILE_MODE, FOLDER_MODE = (0o640, 0o750) if X_ACCEL_PREFIX else (0o600, 0o700)
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "base_url": None,
            "file_permissions_mode": FILE_MODE,
            "directory_permissions_mode": FOLDER_MODE,
        },
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
if env.bool("FAST_PASSWORDS", False) and LIVING_EXAMPLE:
    STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
# An optional virus scanner, clamd: tcp://host:3310 or unix:///run/clamav/clamd.ctl; empty: files are not scanned.
CLAMAV_ADDRESS = env.str("CLAMAV_ADDRESS", "")
CLAMAV_SECONDS = env.float("CLAMAV_SECONDS", 30.0)
# Hosts (host or host:port) of Moodle sites that may lie in an inner network or answer without TLS; others may not.
MOODLE_TRUSTED_HOSTS: list[str] = env.list("MOODLE_TRUSTED_HOSTS", [])
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# --- words and time -----------------------------------------------------------------------------------------------
LANGUAGE_CODE = "ru"
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.str("TIME_ZONE", "") or _time_zone_of(REGION)

# --- letters ------------------------------------------------------------------------------------------------------
if env.str("EMAIL_URL", ""):
    _email = env.dj_email_url("EMAIL_URL")
    EMAIL_BACKEND = _email["EMAIL_BACKEND"]
    EMAIL_HOST = _email["EMAIL_HOST"]
    EMAIL_PORT = _email["EMAIL_PORT"]
    EMAIL_HOST_USER = _email["EMAIL_HOST_USER"]
    EMAIL_HOST_PASSWORD = _email["EMAIL_HOST_PASSWORD"]
    EMAIL_USE_TLS = _email["EMAIL_USE_TLS"]
    EMAIL_USE_SSL = _email["EMAIL_USE_SSL"]
else:
    EMAIL_BACKEND = "reserve_portal.notifications.backends.FolderBackend"
EMAIL_TIMEOUT = 15
EMAIL_FILE_PATH = DATA_DIR / "letters"
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "Кадровый резерв <reserve@portal.example>")

# --- background work ----------------------------------------------------------------------------------------------
CELERY_BROKER_URL = REDIS_URL or "memory://"
CELERY_TASK_ALWAYS_EAGER = not REDIS_URL
CELERY_TASK_EAGER_PROPAGATES = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 300
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,
    "unacked_restore_limit": 100,
    # A request that wants to wake a worker while Redis is away gives up at once: the sweep finds the row.
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.1,
    "interval_max": 0.1,
    "socket_connect_timeout": 2,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    # Sweeps nobody took expire, so that they do not pile up while no worker is there.
    "letters": {"task": "notifications.sweep_letters", "schedule": 5.0, "options": {"expires": 5}},
    "jobs": {"task": "core.sweep_jobs", "schedule": 3.0, "options": {"expires": 3}},
    "papers": {"task": "papers.make_papers", "schedule": 3.0, "options": {"expires": 3}},
    "job-files": {"task": "core.purge_job_files", "schedule": 600.0},
    "heartbeat": {"task": "core.note_heartbeat", "schedule": 30.0, "options": {"expires": 30}},
    "audit": {"task": "audit.seal_events", "schedule": 60.0},
    "digests": {"task": "notifications.send_digests", "schedule": 600.0},
    "campaigns": {"task": "candidates.follow_windows", "schedule": 60.0},
    "reminders": {"task": "candidates.remind_drafts", "schedule": 600.0},
    "virus-scan": {"task": "candidates.scan_files", "schedule": 15.0, "options": {"expires": 15}},
    "stale-uploads": {"task": "candidates.drop_stale_uploads", "schedule": 3600.0},
    "expired-exports": {"task": "candidates.drop_expired_exports", "schedule": 3600.0},
    "meetings": {"task": "commissions.follow_meetings", "schedule": 60.0},
    "procedures": {"task": "assessment.follow_procedures", "schedule": 60.0},
    "plan-reports": {"task": "reservists.open_due_reports", "schedule": 600.0},
    "periods": {"task": "regulations.begin_periods", "schedule": 600.0},
    "signals": {"task": "reservists.raise_signals", "schedule": 3600.0},
}
# A year walked on a moved clock does not wait an hour for the hourly task: no pause is longer than this (0: as above).
BEAT_AT_MOST_SECONDS = env.float("BEAT_AT_MOST_SECONDS", 0)
if BEAT_AT_MOST_SECONDS:
    for entry in CELERY_BEAT_SCHEDULE.values():
        entry["schedule"] = min(entry["schedule"], BEAT_AT_MOST_SECONDS)
# Longer than the slowest talk with a mail server (some ten answers, each within EMAIL_TIMEOUT), shorter than the tasks'
# hard limit: a letter whose sender lives is never sent by a second one.
LETTER_LEASE_SECONDS = env.int("LETTER_LEASE_SECONDS", 180)
JOB_LEASE_SECONDS = env.int("JOB_LEASE_SECONDS", 60)

# --- forms, logs --------------------------------------------------------------------------------------------------
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
# One line of JSON per event; no local variables, no one-time links, nothing of what people typed.
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.filter_by_level,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.processors.format_exc_info,
        hide_one_time_links,
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", "WARNING")},
}
