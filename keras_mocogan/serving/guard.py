"""What every request passes first: its id, the token, the size of its body, the log."""

import hmac
import json
import logging
import math
import re
import time
import uuid
from typing import Any

from keras_mocogan.serving.errors import RequestError
from keras_mocogan.serving.limits import Limits
from keras_mocogan.serving.metrics import Metrics

LOG = logging.getLogger("keras_mocogan.serving")
_GIVEN_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
# Probes know no token; and the page asks for it.
_OPEN = ("/", "/healthz")


class Guard:
    """An ASGI application around another one.

    Args:
        app: The other one.
        limits: Of the body's size.
        metrics: Counts requests.
        token: What clients must show, or None.
    """

    def __init__(
        self, app: Any, limits: Limits, metrics: Metrics, token: str | None
    ) -> None:
        self._app, self._limits, self._metrics = app, limits, metrics
        self._token = token.encode() if token else None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answers a request, or hands it on."""
        if scope["type"] == "websocket":  # there are none, and none asks for the token
            await send({"type": "websocket.close"})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(scope, send)
        headers = dict(scope["headers"])
        try:
            if not self._may_enter(scope["path"], headers):
                await exchange.refuse(
                    401,
                    "The header Authorization must be `Bearer` and the server's token.",
                    [(b"www-authenticate", b"Bearer")],
                )
            elif _length(headers) > self._limits.body_bytes:
                await exchange.refuse(413, self._too_large())
            else:
                scope.setdefault("state", {})["request_id"] = exchange.request_id
                reading = self._bounded(receive, exchange)
                await self._app(scope, reading, exchange.send)
        finally:
            self._note(scope, exchange)

    def _may_enter(self, path, headers):
        if self._token is None or path in _OPEN:
            return True
        kind, _, shown = headers.get(b"authorization", b"").partition(b" ")
        same = hmac.compare_digest(shown.strip(), self._token)
        return kind.lower() == b"bearer" and same

    def _too_large(self):
        return f"The body must have at most {self._limits.body_bytes} bytes."

    def _bounded(self, receive, exchange):
        """`receive` that stops at the limit: a body may come without its length."""
        left = self._limits.body_bytes

        async def reading():
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0 and not exchange.status:
                raise RequestError(413, self._too_large())
            return message

        return reading

    def _note(self, scope, exchange):
        seconds = time.perf_counter() - exchange.started
        route = getattr(scope.get("route"), "path", "other")
        status = exchange.status or 500
        self._metrics.count_request(route, status, seconds)
        path = scope.get("raw_path") or scope["path"].encode()
        LOG.info(
            "%s %s %s %d %.3f s",
            exchange.request_id,
            scope["method"],
            # On one line, whatever the client wrote.
            path.decode("latin-1").encode("unicode_escape").decode(),
            status,
            seconds,
        )


class _Exchange:
    """A request's id and the status of its answer."""

    def __init__(self, scope, send):
        given = dict(scope["headers"]).get(b"x-request-id", b"")
        known = _GIVEN_ID.fullmatch(given)
        self.request_id = given.decode() if known else uuid.uuid4().hex
        self.started = time.perf_counter()
        self.status = None
        self._send = send

    async def send(self, message):
        if message["type"] == "http.response.start":
            self.status = message["status"]
            mark = (b"x-request-id", self.request_id.encode())
            message = message | {"headers": [*message.get("headers", ()), mark]}
        await self._send(message)

    async def refuse(self, status, reason, headers=()):
        body = json.dumps({"error": reason}).encode()
        fields = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            # The rest of the body is not read.
            (b"connection", b"close"),
            *headers,
        ]
        start = {"type": "http.response.start", "status": status, "headers": fields}
        await self.send(start)
        await self.send({"type": "http.response.body", "body": body})


def _length(headers):
    text = headers.get(b"content-length", b"0")
    if not text.isdigit():
        return 0
    # Python refuses to read thousands of digits.
    return int(text) if len(text) < 20 else math.inf
