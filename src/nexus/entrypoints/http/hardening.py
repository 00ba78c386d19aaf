"""What every answer tells browsers not to do with it."""

from functools import partial

from flask import Flask, Response, g, request

from nexus.entrypoints.http.guests import COOKIE, HEADER

NOTHING = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
ALWAYS = {
    "Content-Security-Policy": NOTHING,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
A_YEAR = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}
CREDENTIALS = ("Authorization", HEADER, "X-Order-Token")


def headers_of_all(*, https: bool) -> tuple[tuple[str, str], ...]:
    return tuple((ALWAYS | (A_YEAR if https else {})).items())


def install_hardening(app: Flask, *, https: bool) -> None:
    """Add the headers to every answer; a view that sets one of them knows better."""
    app.after_request(partial(_harden, headers_of_all(https=https)))


def _harden(told: tuple[tuple[str, str], ...], response: Response) -> Response:
    headers = response.headers
    for name, value in told:
        if name not in headers:
            headers[name] = value
    if _is_private() and "Cache-Control" not in headers:
        headers["Cache-Control"] = "no-store"
    return response


def _is_private() -> bool:
    """Whether it answers somebody in particular, so that no cache may keep it for others."""
    if request.method not in ("GET", "HEAD", "OPTIONS") or g.get("caller"):
        return True
    shown = any(name in request.headers for name in CREDENTIALS)
    return shown or COOKIE in request.cookies or "token" in request.args
