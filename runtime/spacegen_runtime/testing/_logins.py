"""Who may ask the fake server: a login by user and password, as Gradio's `auth=` has it."""

from __future__ import annotations

import hmac
import secrets
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl

from ._bodies import invalid
from ._wire import Answered, Asked, json_answer


class Logins:
    """Passwords, and the cookies that were given for them.

    Attributes:
        users: Passwords by user; nobody needs to log in where there are none.
    """

    def __init__(self, app_id: str) -> None:
        self.users: dict[str, str] = {}
        self._app_id = app_id
        self._tokens: dict[str, str] = {}

    def log_in(self, asked: Asked) -> Answered:
        """Answer the form of a login."""
        if "x-www-form-urlencoded" not in asked.headers.get("content-type", ""):
            return invalid("missing", ["body", "username"], "Field required", None)
        form = dict(parse_qsl(asked.body.decode("utf-8", "replace"), keep_blank_values=True))
        user, password = form.get("username", ""), form.get("password", "")
        if not hmac.compare_digest(self.users.get(user, "\0").encode(), password.encode()):
            return json_answer({"detail": "Incorrect credentials."}, 400)
        token = secrets.token_urlsafe(16)
        self._tokens[token] = user
        cookies = (
            f"access-token-{self._app_id}={token}; HttpOnly; Path=/; SameSite=none; Secure",
            f"access-token-unsecure-{self._app_id}={token}; HttpOnly; Path=/; SameSite=lax",
        )
        return json_answer({"success": True}, 200, *(("set-cookie", cookie) for cookie in cookies))

    def user(self, asked: Asked) -> str | None:
        """Return who asks: "" where nobody needs to log in, None where somebody should have."""
        if not self.users:
            return ""
        try:
            cookies = SimpleCookie(asked.headers.get("cookie", ""))
        except CookieError:
            return None
        known = (self._tokens.get(one.value) for name, one in cookies.items() if name.startswith("access-token"))
        return next((user for user in known if user is not None), None)
