"""Settings, from the environment. Production refuses to start without its secrets; `make demo` writes its own.

Every variable is described in docs/operations.md.
"""

from base64 import b64decode
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from casebook.core.key_derivation import Argon2Cost, derive_key

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
_env_file = Path(env.str("CASEBOOK_ENV_FILE", str(BASE_DIR / "var" / "casebook.env")))
if _env_file.is_file():
    environ.Env.read_env(_env_file)


def _secret(name: str) -> str:
    value: str = env.str(name, "")
    if len(value) < 64:
        raise ImproperlyConfigured(
            f"{name} is missing or too short. Set it to 48 random bytes in base64: "
            "python3 -c 'import base64,os; print(base64.b64encode(os.urandom(48)).decode())'"
        )
    return value


DEMO = env.bool("CASEBOOK_DEMO", False)
DEBUG = False
SECRET_KEY = _secret("CASEBOOK_SECRET_KEY")
CASEBOOK_LEDGER_KEY = b64decode(_secret("CASEBOOK_LEDGER_KEY"))
CASEBOOK_SECOND_FACTOR_KEY = derive_key(b64decode(_secret("CASEBOOK_SECOND_FACTOR_KEY")), info=b"second-factor")
CASEBOOK_LEDGER_ORIGIN = env.str("CASEBOOK_LEDGER_ORIGIN", "")
CASEBOOK_WITNESS_KEYS = env.list("CASEBOOK_WITNESS_KEYS", default=[])
ALLOWED_HOSTS = env.list("CASEBOOK_ALLOWED_HOSTS", default=["127.0.0.1", "localhost"] if DEMO else [])
CSRF_TRUSTED_ORIGINS = env.list("CASEBOOK_TRUSTED_ORIGINS", default=[])
CASEBOOK_VAR = Path(env.str("CASEBOOK_VAR", str(BASE_DIR / "var")))

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "guardian",
    "simple_history",
    "casebook.core",
    "accounts",
    "cases",
    "legal_analysis",
    "publication",
    "casebook.demo",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "casebook.core.middleware.NoStoreMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "casebook.core.resend.SignInMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.ActorMiddleware",
    "accounts.middleware.SecondFactorMiddleware",
    "casebook.core.middleware.RefusalMiddleware",
    "casebook.core.resend.LockedMiddleware",
]

ROOT_URLCONF = "casebook.urls"
WSGI_APPLICATION = "casebook.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.navigation.navigation",
            ],
            "builtins": ["casebook.core.templatetags.icons"],
        },
    }
]

# --- database ---------------------------------------------------------------------------------------------------
DATABASES = {"default": env.db("DATABASE_URL", f"sqlite:///{CASEBOOK_VAR / 'casebook.sqlite3'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA secure_delete=ON;"
        "PRAGMA temp_store=MEMORY; PRAGMA foreign_keys=ON;",
    }
else:
    DATABASES["default"].update(CONN_MAX_AGE=600, CONN_HEALTH_CHECKS=True)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- people and sign-in -----------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "accounts.backends.PersonBackend",
    "guardian.backends.ObjectPermissionBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 14}},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
ACCOUNT_FORMS = {"login": "accounts.forms.SignInForm", "reauthenticate": "accounts.forms.SignInAgainForm"}
MFA_ADAPTER = "accounts.adapters.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "accounts.forms.SecondFactorForm",
    "authenticate_webauthn": "accounts.forms.SecurityKeyForm",
    "reauthenticate_webauthn": "accounts.forms.SecurityKeyAgainForm",
    "add_webauthn": "accounts.forms.SecurityKeySetUpForm",
    "reauthenticate": "accounts.forms.SecondFactorAgainForm",
    "activate_totp": "accounts.forms.SecondFactorSetUpForm",
}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_RATE_LIMITS = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = MFA_PASSKEY_SIGNUP_ENABLED = False  # a passkey is a second factor: it opens no keys
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEMO
MFA_TOTP_ISSUER = "Casebook"
MFA_TOTP_TOLERANCE = 1  # a code typed as it changes, a phone whose clock is off; each is taken once all the same
ANONYMOUS_USER_NAME = None

CASEBOOK_ARGON2 = Argon2Cost()
CASEBOOK_ARGON2_FLOOR = Argon2Cost(passes=2, memory=19 * 1024, lanes=1)
CASEBOOK_IDLE_SECONDS = 15 * 60
CASEBOOK_SESSION_SECONDS = 10 * 60 * 60
CASEBOOK_INVITATION_DAYS = 7
CASEBOOK_SIGN_IN_LIMIT = 10
CASEBOOK_STEP_UP_SECONDS = 5 * 60
CASEBOOK_NAMES_STEP_UP_SECONDS = CASEBOOK_IDLE_SECONDS
CASEBOOK_DEVICE_SECRET = env.bool("CASEBOOK_DEVICE_SECRET", not DEMO)
CASEBOOK_REQUIRE_SECOND_FACTOR = env.bool("CASEBOOK_REQUIRE_SECOND_FACTOR", not DEMO)

# --- what leaves and what stays ---------------------------------------------------------------------------------
SESSION_ENGINE = "casebook.core.hashed_sessions"
SESSION_COOKIE_AGE = CASEBOOK_SESSION_SECONDS
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
_prefix = "" if DEMO else "__Host-"
SESSION_COOKIE_NAME = f"{_prefix}sessionid"
CSRF_COOKIE_NAME = f"{_prefix}csrftoken"
CSRF_FAILURE_VIEW = "casebook.core.resend.csrf_failure"
CASEBOOK_KEY_COOKIE_NAME = f"{_prefix}casekey"
CASEBOOK_DEVICE_COOKIE_NAME = f"{_prefix}devicekey"
CASEBOOK_BROWSER_COOKIE_NAME = f"{_prefix}browser"
CASEBOOK_BROWSER_SECONDS = 180 * 24 * 60 * 60
LANGUAGE_COOKIE_NAME = f"{_prefix}language"
LANGUAGE_COOKIE_SAMESITE = "Strict"
LANGUAGE_COOKIE_AGE = 365 * 24 * 60 * 60
LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = not DEMO
SECURE_SSL_REDIRECT = not DEMO
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("CASEBOOK_BEHIND_PROXY", False) else None
SECURE_HSTS_SECONDS = 0 if DEMO else 63_072_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not DEMO
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "object-src": ["'none'"],
    }
}
DEFAULT_EXCEPTION_REPORTER = "casebook.core.error_reports.QuietExceptionReporter"
DEFAULT_EXCEPTION_REPORTER_FILTER = "casebook.core.error_reports.QuietExceptionFilter"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}

FILE_UPLOAD_HANDLERS = ["casebook.core.uploads.SealingUploadHandler"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 24 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
CASEBOOK_UPLOAD_DIR = CASEBOOK_VAR / "uploads"
CASEBOOK_EVIDENCE_DIR = CASEBOOK_VAR / "evidence"
CASEBOOK_MAX_UPLOAD = 200 * 1024 * 1024
CASEBOOK_MAX_NARRATIVE = 200_000

# --- backups ----------------------------------------------------------------------------------------------------
CASEBOOK_BACKUP_KEY = env.str("CASEBOOK_BACKUP_KEY", "")
CASEBOOK_BACKUP_DIR = Path(env.str("CASEBOOK_BACKUP_DIR", str(CASEBOOK_VAR / "backups")))
CASEBOOK_KEY_BACKUP_DAYS = env.int("CASEBOOK_KEY_BACKUP_DAYS", 35)
CASEBOOK_DATA_BACKUP_DAYS = env.int("CASEBOOK_DATA_BACKUP_DAYS", 365)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "quiet": {
            "()": "casebook.core.error_reports.QuietFormatter",
            "format": "%(levelname)s %(name)s %(message)s",
        }
    },
    "filters": {"quiet": {"()": "casebook.core.error_reports.QuietFilter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "quiet", "filters": ["quiet"]}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"django": {"handlers": ["console"], "level": "WARNING", "propagate": False}},
}

# --- languages and files ----------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("ru", _("Russian"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "static/"
STATIC_ROOT = CASEBOOK_VAR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
SILENCED_SYSTEM_CHECKS = ["guardian.W001"]
