"""Settings of Xinglin. What differs from place to place comes from the environment (core/env.py)."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path

from csp.constants import NONCE, SELF

from xinglin.core import env

PACKAGE = Path(__file__).resolve().parent.parent
HOME = env.home()
TESTING = "pytest" in sys.modules
DEBUG = env.flag("XINGLIN_DEBUG")
# Behind TLS: secure cookies, HSTS, no plain HTTP.
TLS = env.flag("XINGLIN_TLS")
# Development aids that show messages to staff: the web inbox of the local sink.
SINK = env.flag("XINGLIN_SINK", default=True)
# Read the words in uploaded pictures, where the extra `ocr` is installed.
OCR = env.flag("XINGLIN_OCR", default=not TESTING)

SECRET_KEY = env.secret("secret_key")
ALLOWED_HOSTS = [host for host in os.environ.get("XINGLIN_HOSTS", "*").split(",") if host]
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("XINGLIN_ORIGINS", "").split(",") if origin]
# The address that people outside reach; stands in links of messages.
PUBLIC_URL = os.environ.get("XINGLIN_PUBLIC_URL") or f"http://127.0.0.1:{os.environ.get('PORT') or 8000}"

MODULES = [
    "core", "ui", "directory", "ledger", "patients", "compliance", "prices",
    "audiences", "scores", "booking", "content", "outreach", "journeys", "portal", "insights",
]  # fmt: skip
INSTALLED_APPS = [
    *(f"xinglin.{name}" for name in MODULES),
    "xinglin.config",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django_htmx",
    "django_cotton.apps.SimpleAppConfig",
    "template_partials.apps.SimpleAppConfig",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "xinglin.core.middleware.NoNulMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "xinglin.core.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "xinglin.core.middleware.ActorMiddleware",
    "xinglin.core.middleware.DomainErrorMiddleware",
    "xinglin.config.setup.middleware.FirstRunMiddleware",
]
ROOT_URLCONF = "xinglin.config.urls"
WSGI_APPLICATION = "xinglin.config.wsgi.application"
FIND_ACTOR = "xinglin.directory.queries.find_actor"
LOGIN_URL = "/account/login/"
LOGIN_REDIRECT_URL = "/"
CHOOSE_HOSPITAL_URL = "/account/hospital/"

_loaders = [
    "django_cotton.cotton_loader.Loader",
    "django.template.loaders.filesystem.Loader",
    "django.template.loaders.app_directories.Loader",
]
_cached = _loaders if DEBUG else [("django.template.loaders.cached.Loader", _loaders)]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "OPTIONS": {
            "loaders": [("template_partials.loader.Loader", _cached)],
            "builtins": [
                "django_cotton.templatetags.cotton",
                "template_partials.templatetags.partials",
                "django.templatetags.i18n",
                "django.templatetags.static",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                *(["xinglin.ui.context.shell"] if find_spec("xinglin.ui.context") else []),
            ],
        },
    }
]
COTTON_DIR = "cotton"

DATABASES = {"default": env.database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Per-account and per-address limits of the sign-in must hold over all processes.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "core_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}
MIGRATION_MODULES: dict[str, str] = {}

AUTH_USER_MODEL = "directory.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = (
    ["django.contrib.auth.hashers.MD5PasswordHasher"]
    if TESTING
    else ["django.contrib.auth.hashers.Argon2PasswordHasher"]
)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
ACCOUNT_ADAPTER = "xinglin.directory.adapters.AccountAdapter"
_door = "xinglin.directory.forms.door"
ACCOUNT_FORMS = {
    "login": f"{_door}.LoginForm",
    "reauthenticate": f"{_door}.ReauthenticateForm",
    "change_password": f"{_door}.ChangePasswordForm",
    "set_password": f"{_door}.SetPasswordForm",
    "reset_password_from_key": f"{_door}.ResetPasswordKeyForm",
}
MFA_FORMS = {
    "authenticate": f"{_door}.AuthenticateForm",
    "reauthenticate": f"{_door}.MFAReauthenticateForm",
    "activate_totp": f"{_door}.ActivateTOTPForm",
    "add_webauthn": f"{_door}.AddWebAuthnForm",
    "edit_webauthn": f"{_door}.EditWebAuthnForm",
}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
ACCOUNT_RATE_LIMITS = {
    "login_failed": "5/10m/key,20/10m/ip",
    "login": "60/m/ip",
    "reauthenticate": "10/m/user",
}
ACCOUNT_PREVENT_ENUMERATION = True
MFA_ADAPTER = "xinglin.directory.adapters.MFAAdapter"
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not TLS
MFA_TOTP_ISSUER = "Xinglin"
USERSESSIONS_TRACK_ACTIVITY = True
# The address that limits count by: the last proxy's word, and only where there is one.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if env.flag("XINGLIN_BEHIND_PROXY") else 0

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "lang"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
LOCALE_PATHS = sorted(PACKAGE.glob("*/locale"))

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STATICFILES_DIRS: list[Path] = []
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(HOME / "files")},
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or TESTING
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG or TESTING
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_KEEP_ONLY_HASHED_FILES = False

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_NAME = "xinglin_staff"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = TLS
SESSION_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = TLS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.flag("XINGLIN_BEHIND_PROXY") else None
SECURE_HSTS_SECONDS = 31_536_000 if TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = TLS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, "'unsafe-inline'"],
        "img-src": [SELF, "data:", "blob:"],
        "worker-src": [SELF, "blob:"],
        "connect-src": [SELF, "blob:"],  # the surfaces inside a 3D model
        "frame-ancestors": [SELF],
        "form-action": [SELF],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_TEMP_DIR = None

# Mail leaves through the outbox alone; Django's own mail (password links) uses the same server.
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"personal_data": {"()": "xinglin.core.middleware.PersonalDataFilter"}},
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["personal_data"]}
    },
    "root": {"handlers": ["console"], "level": os.environ.get("XINGLIN_LOG_LEVEL", "WARNING")},
}
SILENCED_SYSTEM_CHECKS = ["models.W042"]
