"""Errors that a client is told of."""


class RequestError(ValueError):
    """A request that cannot be answered.

    Args:
        status: HTTP status of the answer.
        message: What must hold.
        headers: More headers of the answer.
    """

    def __init__(
        self, status: int, message: str, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers or {}


def shown(value: object) -> str:
    """A value of a client's JSON, short enough for an error message."""
    if isinstance(value, dict | list):  # `repr` of a deep one may overflow the stack
        return "an object" if isinstance(value, dict) else "an array"
    # `repr` escapes lone surrogates, which UTF-8 cannot hold.
    return f"{value!r:.100}"
