"""Every address of the product."""

from allauth.account import views as sign_in
from allauth.mfa.base import views as second_factor
from allauth.mfa.recovery_codes import views as second_factor_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as security_keys
from django.urls import include, path
from django.views.i18n import set_language

from accounts.second_factor import recorded
from casebook import pages

urlpatterns = [
    path("", pages.home, name="home"),
    path("about/protection/", pages.threat_model, name="threat_model"),
    path("leave/", pages.neutral, name="neutral"),
    path("language/", set_language, name="set_language"),
    path("sign-in/", sign_in.login, name="account_login"),
    path("sign-out/", sign_in.logout, name="account_logout"),
    path("sign-in/closed/", pages.by_invitation, name="account_signup"),
    path("sign-in/forgotten/", pages.forgotten, name="account_reset_password"),
    path("sign-in/inactive/", sign_in.account_inactive, name="account_inactive"),
    path("sign-in/again/", sign_in.reauthenticate, name="account_reauthenticate"),
    path("second-factor/", second_factor.index, name="mfa_index"),
    path("second-factor/enter/", second_factor.authenticate, name="mfa_authenticate"),
    path("second-factor/enter-again/", second_factor.reauthenticate, name="mfa_reauthenticate"),
    path("second-factor/app/add/", recorded(totp.activate_totp), name="mfa_activate_totp"),
    path("second-factor/app/remove/", recorded(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("second-factor/keys/", security_keys.list_webauthn, name="mfa_list_webauthn"),
    path("second-factor/keys/add/", recorded(security_keys.add_webauthn), name="mfa_add_webauthn"),
    path("second-factor/keys/<int:pk>/remove/", recorded(security_keys.remove_webauthn), name="mfa_remove_webauthn"),
    path("second-factor/keys/enter-again/", security_keys.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("second-factor/codes/", second_factor_codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path(
        "second-factor/codes/new/",
        recorded(second_factor_codes.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "second-factor/codes/download/",
        second_factor_codes.download_recovery_codes,
        name="mfa_download_recovery_codes",
    ),
    path("account/", include("accounts.urls")),
    path("cases/", include("cases.urls")),
    path("erasure/", include("cases.erasure.urls")),
    path("law/", include("legal_analysis.urls")),
    path("publication/", include("publication.urls")),
]
