"""The outside world played locally, as one Flask application."""

from __future__ import annotations

from flask import Flask, jsonify, render_template
from flask.typing import ResponseReturnValue

from nexus.entrypoints.sandbox.chapa import chapa_api
from nexus.entrypoints.sandbox.checkout import hosted_page
from nexus.entrypoints.sandbox.config import SandboxConfig
from nexus.entrypoints.sandbox.control import control_api
from nexus.entrypoints.sandbox.deliveries import Deliveries
from nexus.entrypoints.sandbox.mailbox import Mailbox, mailbox_pages
from nexus.entrypoints.sandbox.state import SandboxState


def sandbox_app(
    config: SandboxConfig, state: SandboxState, deliveries: Deliveries, mailbox: Mailbox
) -> Flask:
    app = Flask("nexus.entrypoints.sandbox")
    app.register_blueprint(chapa_api(config, state, deliveries))
    app.register_blueprint(hosted_page(state, deliveries))
    app.register_blueprint(control_api(state, deliveries))
    app.register_blueprint(mailbox_pages(mailbox))

    @app.get("/")
    def dashboard() -> ResponseReturnValue:
        return render_template(
            "dashboard.html", state=state, deliveries=deliveries, mailbox=mailbox
        )

    @app.get("/healthz")
    def health() -> ResponseReturnValue:
        return jsonify(status="ok")

    return app
