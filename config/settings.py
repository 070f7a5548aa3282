"""Every setting of the installation, explicit and in one place; values come from `config.env`."""

import os
from pathlib import Path
from urllib.parse import urlsplit

from config.env import environment

env = environment
BASE_DIR = Path(__file__).resolve().parent.parent

DEBUG = env.debug
SECRET_KEY = env.secret_key
ALLOWED_HOSTS = env.allowed_hosts
DATA_DIR = env.data_dir
PUBLIC_BASE_URL = env.public_base_url

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.staticfiles",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "procrastinate.contrib.django",
    "tenants",
    "audit",
    "invoicing",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "tenants.http.middleware.RequestContextMiddleware",
    "tenants.web.middleware.PageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"
# Both spellings of a path reach the same view: a redirect would turn a POST into a GET.
APPEND_SLASH = False

# Packages with pages: templates and static files stand beside the views that use them.
PAGES = ("tenants", "invoicing")
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / package / "web" / "templates" for package in PAGES],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": ["django.template.context_processors.request"],
            "libraries": {"documents": "invoicing.web.formatting"},
        },
    }
]

DATABASES = env.databases
DATABASE_ROUTERS = ["audit.router.AuditRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "tenants.User"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]

CACHES = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": env.redis_url,
        "OPTIONS": {
            "SOCKET_CONNECT_TIMEOUT": 0.2,
            "SOCKET_TIMEOUT": 0.5,
            # redis-py retries for four seconds by default before it admits that a server is dead.
            "CONNECTION_POOL_KWARGS": {"retry": None, "retry_on_error": []},
        },
    }
}

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / package / "web" / "static" for package in PAGES]
WHITENOISE_USE_FINDERS = True

DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
# One limit for JSON bodies; answered with 413 before a byte is parsed.
MAX_BODY_BYTES = 2 * 1024 * 1024

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEBUG
CSRF_COOKIE_HTTPONLY = True
# Behind a proxy that ends TLS a form's Origin says https while the request that arrives here is http.
CSRF_TRUSTED_ORIGINS = ["://".join(urlsplit(PUBLIC_BASE_URL)[:2])]
CSRF_FAILURE_VIEW = "tenants.web.refusals.csrf_failure"
LOGIN_URL = "/login"
LOGIN_REDIRECT_URL = "/invoices"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["tenants.http.authentication.BearerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["tenants.http.permissions.HasCapability"],
    "DEFAULT_RENDERER_CLASSES": ["tenants.http.rendering.JSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "tenants.http.negotiation.PlainNegotiation",
    "DEFAULT_PARSER_CLASSES": ["tenants.http.parsing.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "tenants.http.openapi.Schema",
    "EXCEPTION_HANDLER": "tenants.http.problems.exception_handler",
    "UNAUTHENTICATED_USER": None,
    "UNAUTHENTICATED_TOKEN": None,
    "DEFAULT_VERSIONING_CLASS": None,
    "COERCE_DECIMAL_TO_STRING": True,
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Quittance",
    "DESCRIPTION": "Multi-tenant enterprise invoicing.",
    "VERSION": "2.0.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "ENUM_NAME_OVERRIDES": {
        "CategoryEnum": ["AE", "B", "E", "G", "K", "L", "M", "O", "S", "Z"],
        "DocumentTypeEnum": ["invoice", "credit_note"],
        "ExemptCategoryEnum": ["E", "AE", "K", "G", "O"],
        "PaymentMethodEnum": ["bank_transfer", "direct_debit", "card", "cash", "cheque", "other"],
        "ProofMethodEnum": ["totp", "passkey", "recovery-code", "password"],
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

# Sessions and tokens (invariant 9). Lifetimes are a tenant's own inside these limits.
JWT_ALGORITHM = env.jwt_algorithm
JWT_SIGNING_KEY = env.jwt_signing_key
JWT_ISSUER = "quittance"
JWT_AUDIENCE = "quittance-api"
# Keys that still verify after a rotation: the secrets (HS256) or PEM keys that signed before.
JWT_PREVIOUS_KEYS = env.jwt_previous_keys
JWT_LEEWAY_SECONDS = 30
MEMBERSHIP_CACHE_SECONDS = 5
MAX_LOGIN_LIFETIME_HOURS = env.max_login_lifetime_hours
REFRESH_RETRY_SECONDS = 10
# One password hash keeps a core busy: half of them stay for everything else.
HASHING_CONCURRENCY = max(1, (os.cpu_count() or 1) // 2)
HASHING_PATIENCE_SECONDS = 1.0
# Failed logins in fifteen minutes before the answer is 429.
LOGIN_FAILURES_PER_ACCOUNT = 10
LOGIN_FAILURES_PER_ADDRESS = 100
LOGIN_WINDOW_SECONDS = 900
# Trips to a provider that one address, maybe a whole office, has begun or ended in vain in that time.
SSO_TRIPS_PER_ADDRESS = 300
# What locks a name for strangers: a minute at first, twice as long with each further failure.
LOGIN_LOCK_SECONDS = 60
LOGIN_LONGEST_LOCK_SECONDS = 3600

# Networks of our own proxies; only they are believed about X-Forwarded-For.
TRUSTED_PROXIES = env.trusted_proxies

FIELD_ENCRYPTION_KEYS = env.field_encryption_keys
MAIL_TRANSPORT = env.mail_transport
MAIL_DIRECTORY = env.mail_directory
MAIL_URL = env.mail_url
OUTBOUND_ALLOW_LOOPBACK = env.outbound_allow_loopback
# A company's directory is behind its firewall more often than not, reached through a VPN.
DIRECTORY_NETWORKS = env.directory_networks

PROCRASTINATE_DATABASE_ALIAS = "platform"
PROCRASTINATE_ON_APP_READY = None
PROCRASTINATE_IMPORT_PATHS = ["tenants.tasks"]

DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.mail_from

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "config.logs.OneLineFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.log_level},
    # Django's own handlers would say the same again.
    "loggers": {
        "django": {"handlers": [], "level": env.log_level},
        "procrastinate": {"level": "WARNING"},
    },
}

SILENCED_SYSTEM_CHECKS: list[str] = []
