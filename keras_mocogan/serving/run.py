"""Loads a model and serves it until the process is told to stop."""

import contextlib
import importlib.util
import logging
import os
import signal
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import keras

from keras_mocogan.serving.generation import Networks
from keras_mocogan.serving.limits import Limits
from keras_mocogan.serving.service import Service

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
# Seconds beyond the time limit in which the last answers are sent.
_GRACE = 5
# Seconds that a silent connection stays open: longer than with common clients and
# proxies, or a request would now and then meet a connection that is being closed.
_KEEP_ALIVE = 75
LOG = logging.getLogger("keras_mocogan.serving")


class Options(NamedTuple):
    """How a model is served.

    Attributes:
        name: Its name in addresses.
        class_names: Names of its classes, or None.
        limits: What is allowed.
        fps: Frames a second in answers.
        host, port: The address to listen at.
        token: What clients have to show; None lets everybody in.
        credits: Whose clips the model was trained on, for the page; or None.
    """

    name: str
    class_names: Sequence[str] | None = None
    limits: Limits = Limits()
    fps: int = 8
    host: str = "127.0.0.1"
    port: int = 8000
    token: str | None = None
    credits: str | None = None


def check_installed() -> None:
    """Raises `ImportError`, which says how to install it, where FastAPI is missing."""
    missing = [m for m in ("fastapi", "uvicorn") if importlib.util.find_spec(m) is None]
    if missing:
        raise ImportError(
            f"Serving over HTTP needs {' and '.join(missing)}. Install it: "
            'pip install "keras-mocogan[serve]"'
        )


def is_folder(path: str | os.PathLike[str]) -> bool:
    """Whether a path is a folder, as a SavedModel is."""
    return Path(path).is_dir()


def run(load: Callable[[], keras.Model | str], options: Options) -> None:
    """Serves a model until SIGTERM or SIGINT, and then gives the last answers.

    Args:
        load: Returns a Keras model, or the folder of a SavedModel.
        options: How it is served.

    Raises:
        ImportError: If FastAPI or uvicorn is missing.
        ValueError: If the model cannot be served.
    """
    check_installed()
    import uvicorn

    from keras_mocogan.serving.app import make_app

    logging.basicConfig(format="%(asctime)s %(message)s", level=logging.WARNING)
    LOG.setLevel(logging.INFO)
    model = load()
    service = Service(_networks(model), *options[:4])
    service.warm_up()
    with _page(model, options) as page:
        config = uvicorn.Config(
            make_app(service, options.token, page),
            host=options.host,
            port=options.port,
            log_config=None,
            access_log=False,
            timeout_keep_alive=_KEEP_ALIVE,
            timeout_graceful_shutdown=options.limits.seconds + _GRACE,
        )
        _announce(options)
        # uvicorn stops gracefully and then sends itself the signal again, which would
        # end the process as if it had been killed.
        signal.signal(signal.SIGTERM, lambda *_: None)
        uvicorn.Server(config).run()


def _networks(model: Any) -> Networks:
    if isinstance(model, keras.Model):
        from keras_mocogan.serving.keras_networks import KerasNetworks

        return KerasNetworks(model)
    from keras_mocogan.export.saved_networks import SavedNetworks

    return SavedNetworks(model)


@contextlib.contextmanager
def _page(model: Any, options: Options) -> Iterator[Path | None]:
    """A temporary folder with an exported page; None where there can be none."""
    can = hasattr(model, "sample_motion") and importlib.util.find_spec("onnx")
    # The exported page holds the weights, and browsers do not send tokens for it.
    if not can or options.token:
        yield None
        return
    with tempfile.TemporaryDirectory() as folder:
        yield _export(model, folder, options)


def _export(model, folder, options):
    from keras_mocogan.export.page_folder import export_page

    names, title = options.class_names, options.name
    more = {"fps": min(options.fps, 30), "credits": options.credits}
    try:
        export_page(model, folder, names, title, **more)
    except ValueError as error:  # networks of the user's own, which have no graph
        LOG.warning("There is a plain form instead of the page: %s", error)
        return None
    return Path(folder)


def _announce(options):
    host = f"[{options.host}]" if ":" in options.host else options.host
    LOG.info("Serving %s at http://%s:%d", options.name, host, options.port)
    if options.host not in _LOOPBACK and not options.token:
        LOG.warning(
            "Everybody who reaches %s can use the model: --token=TEXT asks for one.",
            options.host,
        )
