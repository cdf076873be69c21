"""Who is signed in, read with what every page needs of them."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from accounts.models import User


class PersonBackend(AuthenticationBackend):  # type: ignore[misc]
    """allauth's backend; the person of a request comes with their organisation in the same read."""

    def get_user(self, user_id: Any) -> User | None:
        person = User.objects.select_related("organisation").filter(pk=user_id).first()
        return person if person is not None and self.user_can_authenticate(person) else None
