"""What people type about accounts, and what is wrong with it. Passphrases leave a form in Unicode form NFKC."""

import struct
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.account.forms import LoginForm, ReauthenticateForm
from allauth.core import context
from allauth.mfa.base import forms as second_factor
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY
from allauth.mfa.utils import decrypt, encrypt
from allauth.mfa.webauthn import forms as security_key
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.enrolment import DEVICE_SECRET_BYTES, PASSPHRASE_WORDS
from accounts.models import Role, User
from accounts.second_factor import spend_code
from accounts.wordlist import WORDS
from casebook.core import recovery_code
from casebook.core.rate_limits import TooManyAttemptsError, count_attempt

MAX_PASSPHRASE = 1024
MAX_CODE = 100
_SPARE_CODE_SECONDS = 30
_MALFORMED = (
    ValidationError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    AssertionError,
    OverflowError,
    RecursionError,
    struct.error,
    InvalidSignature,
    UnsupportedAlgorithm,
)

_SAME_TWICE = _("The two passphrases differ. Type the same one twice.")
_WRONG_SIGN_IN = _("That user name and passphrase do not go together. Check the keyboard layout and try again.")
_WRONG_PASSPHRASE = _("That is not your passphrase. Check the keyboard layout and try again.")
_WRONG_SECOND_FACTOR = _("That code is not valid now. Take the one your app shows at this moment.")
_WEAK = {
    "password_too_short": _("Too short. Take at least 14 characters, spaces included."),
    "password_too_common": _("This one stands on lists that thieves try first. Choose another one."),
    "password_entirely_numeric": _("Only digits are too easy to guess. Take words."),
    "password_too_similar": _("Too much like your user name. Choose another one."),
}
_CODE_SHAPE = _(
    "That is not a whole recovery code: eight groups of four characters and one more at the end. Compare it with your "
    "paper character by character."
)


_DEVICE_CODE_SHAPE = _(
    "That is not a whole device code: thirteen groups of four characters and one more at the end. Compare it with your "
    "kit character by character."
)
_KEY_REFUSED = _("That did not work. Use a key that you added here, on this very site, and try again.")


def no_lone_surrogates(value: str) -> None:
    """Half a surrogate pair cannot be written in UTF-8: refused here and not by the database."""
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValidationError(_("This text contains a broken character. Type it again.")) from None


class LineField(forms.CharField):
    """One line of text that the database can take."""

    default_validators = [no_lone_surrogates]


class ShownNameField(LineField):
    """The name that colleagues see; it is not sealed."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"autocomplete": "off"})
        super().__init__(label=_("Name shown to colleagues"), max_length=100, widget=widget, **kwargs)


class PassphraseField(forms.CharField):
    """A passphrase as typed, spaces included; NFKC, so that й typed as one character and as two are the same."""

    default_validators = [no_lone_surrogates]

    def __init__(self, *, autocomplete: str = "current-password", **kwargs: Any) -> None:
        widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
        super().__init__(strip=False, max_length=MAX_PASSPHRASE, widget=widget, **kwargs)

    def clean(self, value: Any) -> str:
        return unicodedata.normalize("NFKC", super().clean(value))


class NewPassphraseForm(forms.Form):
    """A new passphrase, typed twice, and seven words offered for it. `person` is whose passphrase it becomes."""

    suggested = forms.CharField(required=False, widget=forms.HiddenInput)
    passphrase = PassphraseField(label=_("New passphrase"), autocomplete="new-password")
    passphrase_again = PassphraseField(label=_("The same passphrase again"), autocomplete="new-password")

    def __init__(self, data: Any = None, *, person: User, suggestion: str, **kwargs: Any) -> None:
        initial = {"suggested": suggestion} | kwargs.pop("initial", {})
        super().__init__(data, initial=initial, **kwargs)
        self.person = person
        self._fresh_suggestion = suggestion

    @property
    def suggestion(self) -> str:
        """The words offered: while a form is corrected they stay the same, for they may be on paper already."""
        words = str(self["suggested"].value() or "").split()
        ours = len(words) == PASSPHRASE_WORDS and all(word in WORDS for word in words)
        return " ".join(words) if ours else self._fresh_suggestion

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        passphrase, again = cleaned.get("passphrase"), cleaned.get("passphrase_again")
        if passphrase and again and passphrase != again:
            self.add_error("passphrase_again", ValidationError(_SAME_TWICE))
        elif passphrase:
            self._check_strength(passphrase)
        return cleaned

    def _check_strength(self, passphrase: str) -> None:
        try:
            validate_password(passphrase, self.person)
        except ValidationError as weaknesses:
            said = [ValidationError(_WEAK.get(str(weak.code), weak.messages)) for weak in weaknesses.error_list]
            self.add_error("passphrase", ValidationError(said))


class DeviceCodeForm(forms.Form):
    """A form for a passphrase that asks for the device code, too, in a browser that does not hold it."""

    device_code = LineField(
        label=_("Device code"),
        max_length=MAX_CODE,
        help_text=_("It stands in your recovery kit. This browser keeps it for half a year then."),
        error_messages={"required": _("This browser does not know your device code yet. Type it from your kit.")},
        widget=forms.TextInput(attrs={"class": "code", "autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, data: Any = None, *, asks_device_code: bool = False, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self._device_code = self.fields["device_code"]
        if not asks_device_code and not (data and data.get("device_code")):
            del self.fields["device_code"]

    def clean_device_code(self) -> bytes:
        try:
            return recovery_code.parse_code(str(self.cleaned_data["device_code"]), DEVICE_SECRET_BYTES)
        except recovery_code.InvalidRecoveryCodeError:
            raise ValidationError(_DEVICE_CODE_SHAPE) from None

    @property
    def device_secret(self) -> bytes:
        """The 32 bytes of the code that was typed; empty where none was."""
        return bytes(self.cleaned_data.get("device_code") or b"")

    def ask_for_device_code(self) -> None:
        """Show the field: what the browser keeps did not do."""
        self._device_code.required = False
        self.fields.setdefault("device_code", self._device_code)
        self.order_fields(self.field_order)


class UnlockForm(DeviceCodeForm):
    passphrase = PassphraseField(label=_("Your passphrase"))
    field_order = ("passphrase", "device_code")


class RecoveryForm(NewPassphraseForm):
    """A recovery code from paper and the passphrase that comes after it."""

    recovery_code = LineField(
        label=_("Recovery code"),
        max_length=MAX_CODE,
        help_text=_("Capital or small letters, with or without hyphens: all are fine."),
        widget=forms.TextInput(attrs={"class": "code", "autocomplete": "off", "spellcheck": "false"}),
    )
    field_order = ("recovery_code", "passphrase", "passphrase_again")

    def clean_recovery_code(self) -> str:
        code = str(self.cleaned_data["recovery_code"])
        try:
            recovery_code.parse_code(code)
        except recovery_code.InvalidRecoveryCodeError:
            raise ValidationError(_CODE_SHAPE) from None
        return code


class ChangePassphraseForm(DeviceCodeForm, NewPassphraseForm):
    old_passphrase = PassphraseField(label=_("The passphrase you have now"))
    field_order = ("old_passphrase", "device_code", "passphrase", "passphrase_again")


class ReplaceKeysForm(NewPassphraseForm):
    """The passphrase one signs in with now, a new one, and that the price of new keys is understood."""

    current = PassphraseField(label=_("The passphrase you sign in with now"))
    understood = forms.BooleanField(
        label=_("I understand that no case opens for me until my keys are confirmed and colleagues have shared again."),
        error_messages={"required": _("Read what happens first, then tick the box.")},
    )
    field_order = ("current", "passphrase", "passphrase_again", "understood")


class InvitationForm(NewPassphraseForm):
    """How an invited person wants to be known, and their passphrase."""

    username = LineField(
        label=_("User name"),
        max_length=60,
        help_text=_("For signing in. It is not sealed: choose one that says nothing to a stranger."),
        validators=[UnicodeUsernameValidator()],
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    display_name = ShownNameField(help_text=_("Not sealed either. A first name or a name you use at work is enough."))
    field_order = ("username", "display_name", "passphrase", "passphrase_again")

    def clean_username(self) -> str:
        username: str = User.normalize_username(self.cleaned_data["username"])
        if User.objects.filter(username__iexact=username).exists():
            raise ValidationError(_("This user name is taken. Choose another one."))
        self.person.username = username
        return username


class RenameForm(forms.Form):
    """One's own name as colleagues see it."""

    display_name = ShownNameField(help_text=_("Not sealed. A first name or a name you use at work is enough."))


class RolesForm(forms.Form):
    roles = forms.TypedMultipleChoiceField(
        label=_("Roles"),
        choices=Role.choices,
        coerce=Role,
        help_text=_("A role opens pages. No role opens a case: cases are shared one by one."),
        widget=forms.CheckboxSelectMultiple(attrs={"class": "choices--columns"}),
    )


class InviteForm(RolesForm):
    display_name = ShownNameField(help_text=_("The person can change it when they accept."))
    field_order = ("display_name", "roles")


class EndSessionForm(forms.Form):
    """Which of one's own sessions to end."""

    session = forms.RegexField(r"\A[0-9a-f]{64}\Z")


class ConfirmKeysForm(forms.Form):
    compared = forms.BooleanField(
        label=_("I spoke with this person, they read me their four words, and they are the same as here."),
        error_messages={"required": _("Compare the words by voice first, then tick the box.")},
    )


# --- sign-in and second factor: allauth's forms, with our limits ----------------------------------------------------


class SignInForm(LoginForm):  # type: ignore[misc]
    """allauth's sign-in with a capped, normalised passphrase; the adapter counts attempts."""

    password = PassphraseField(label=_("Passphrase"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        login = self.fields["login"]
        login.label = _("User name")
        login.widget.attrs = {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        login.validators.append(no_lone_surrogates)

    def clean(self) -> dict[str, Any]:
        try:
            cleaned: dict[str, Any] = super().clean()
        except ValidationError:
            raise ValidationError(_WRONG_SIGN_IN) from None
        return cleaned


class SignInAgainForm(ReauthenticateForm):  # type: ignore[misc]
    """Asks a signed-in person for the passphrase before their second factor may change."""

    password = PassphraseField(label=_("Passphrase"))

    def clean_password(self) -> str:
        count_attempt("sign-in-again", str(self.user.pk), limit=settings.CASEBOOK_SIGN_IN_LIMIT)
        try:
            password: str = super().clean_password()
        except ValidationError:
            raise ValidationError(_WRONG_PASSPHRASE) from None
        return password


class _CodeCheck:
    """Counts tries, and takes each code once: a code seen over a shoulder is spent."""

    authenticator: Authenticator
    cleaned_data: dict[str, Any]
    user: User

    def clean_code(self) -> str:
        count_attempt("second-factor", str(self.user.pk), limit=settings.CASEBOOK_SIGN_IN_LIMIT)
        try:
            code: str = super().clean_code()  # type: ignore[misc]
        except ValidationError:
            raise ValidationError(_WRONG_SECOND_FACTOR) from None
        if self._is_spent(code):
            raise ValidationError(_("This code was used already. Wait for the next one."))
        return code

    def _is_spent(self, code: str) -> bool:
        """allauth deletes a spare code when it takes it; two takers at one moment are told apart here."""
        if self.authenticator.type == Authenticator.Type.TOTP:
            return not spend_code(self.authenticator, code)
        try:
            count_attempt("spare-code-used", str(self.user.pk), limit=1, seconds=_SPARE_CODE_SECONDS)
        except TooManyAttemptsError:
            return True
        return False


def _digits_field() -> LineField:
    attrs = {"class": "code", "autocomplete": "one-time-code", "inputmode": "numeric"}
    return LineField(label=_("Code"), max_length=MAX_CODE, widget=forms.TextInput(attrs=attrs))


class SecondFactorForm(_CodeCheck, second_factor.AuthenticateForm):  # type: ignore[misc]
    code = _digits_field()


class SecondFactorAgainForm(_CodeCheck, second_factor.ReauthenticateForm):  # type: ignore[misc]
    code = _digits_field()


class SecondFactorSetUpForm(ActivateTOTPForm):  # type: ignore[misc]
    """allauth keeps the new seed in the session until it is confirmed; here it lies there sealed."""

    code = _digits_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        session = context.request.session
        sealed = session.get(SECRET_SESSION_KEY)
        super().__init__(*args, **kwargs)
        if self.is_bound and sealed:
            self.secret = decrypt(sealed)
        else:
            session[SECRET_SESSION_KEY] = encrypt(self.secret)


class _KeyNameField(LineField):
    """What a person calls a security key; it is not sealed."""

    def __init__(self) -> None:
        widget = forms.TextInput(attrs={"autocomplete": "off"})
        help_text = _("To tell your keys apart. Not sealed: “blue” or “spare” is enough.")
        super().__init__(label=_("Name of the key"), max_length=40, help_text=help_text, widget=widget)


@contextmanager
def _one_refusal() -> Iterator[None]:
    """Whatever is wrong with an answer of a security key is one form error: the parser raises all of these."""
    try:
        yield
    except _MALFORMED:
        raise ValidationError(_KEY_REFUSED) from None


class _AnswerField(forms.JSONField):
    """What the browser's security key answered; filled in by a script, and never shown again."""

    def __init__(self) -> None:
        refused = {"required": _KEY_REFUSED, "invalid": _KEY_REFUSED}
        super().__init__(widget=forms.HiddenInput, error_messages=refused)

    def to_python(self, value: Any) -> Any:
        with _one_refusal():
            return super().to_python(value)

    def bound_data(self, data: Any, initial: Any) -> str:
        return ""

    def prepare_value(self, value: Any) -> str:
        return ""


class _KeyCheck:
    """Counts tries at a security key."""

    user: User

    def clean_credential(self) -> Any:
        count_attempt("second-factor", str(self.user.pk), limit=settings.CASEBOOK_SIGN_IN_LIMIT)
        with _one_refusal():
            return super().clean_credential()  # type: ignore[misc]


class SecurityKeyForm(_KeyCheck, security_key.AuthenticateWebAuthnForm):  # type: ignore[misc]
    credential = _AnswerField()


class SecurityKeyAgainForm(_KeyCheck, security_key.ReauthenticateWebAuthnForm):  # type: ignore[misc]
    credential = _AnswerField()


class SecurityKeySetUpForm(security_key.AddWebAuthnForm):  # type: ignore[misc]
    name = _KeyNameField()
    credential = _AnswerField()

    def clean(self) -> dict[str, Any]:
        with _one_refusal():
            cleaned: dict[str, Any] = super().clean()
        return cleaned
