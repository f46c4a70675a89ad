"""The addresses of the server."""

import asyncio
import contextlib
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.responses import FileResponse, JSONResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from keras_mocogan.serving import metrics, openapi, tensorflow_form
from keras_mocogan.serving.encoding import FORMATS, MEDIA_TYPES, encode
from keras_mocogan.serving.errors import RequestError, shown
from keras_mocogan.serving.guard import Guard
from keras_mocogan.serving.requests import read_object
from keras_mocogan.serving.service import Service
from keras_mocogan.version import __version__

_FORM = Path(__file__).with_name("form.html")
_NAMES = ("count", "frames", "class", "seed", "format")
_REFUSALS = (400, 401, 413, 422, 429, 500, 503, 504)


def make_app(
    service: Service, token: str | None = None, page: Path | None = None
) -> Guard:
    """The application for an ASGI server. When it is shut down, so is the service.

    Args:
        service: Answers requests.
        token: What clients have to show as a Bearer token; None lets everybody in.
        page: Folder of a page that `export_page` wrote; None shows a plain form.

    Returns:
        The application.
    """

    @contextlib.asynccontextmanager
    async def lifespan(_):
        yield
        await asyncio.to_thread(service.batcher.stop)

    app = FastAPI(title="Generated videos", version=__version__, lifespan=lifespan)
    app.add_exception_handler(RequestError, _refuse)
    app.add_exception_handler(HTTPException, _refuse_address)
    app.add_exception_handler(ClientDisconnect, _note_end)
    app.add_exception_handler(Exception, _fail)
    _add_generate(app, service)
    _add_predict(app, service)
    _add_state(app, service)
    _add_page(app, page)
    # Around the answer to a fault too, which FastAPI's own middleware is not.
    return Guard(app, service.limits, service.metrics, token)


def _add_generate(app, service):
    @app.post(
        "/v1/generate",
        summary="Generates videos, in one file.",
        response_class=Response,
        responses=openapi.files() | openapi.errors(*_REFUSALS),
        openapi_extra=openapi.video_body(service.reader),
    )
    async def generate(request: Request) -> Response:
        return await service.in_time(answer(request))

    async def answer(request):
        values = read_object(await request.body(), _NAMES)
        file_format = _format(values.pop("format", None))
        wanted = service.reader.read(values)
        made = service.answers(
            [wanted], lambda videos: encode(videos, file_format, service.fps)
        )
        (content,) = await service.while_wanted(made, _hung_up(request))
        headers = {
            "X-Seed": str(wanted.seed),
            "Content-Disposition": f'inline; filename="videos.{file_format}"',
        }
        return Response(content, headers=headers, media_type=MEDIA_TYPES[file_format])


async def _hung_up(request):
    """Ends when the client of a request, whose body has been read, is gone."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _format(value):
    if value is None:
        return FORMATS[0]
    if value not in FORMATS:
        raise RequestError(
            422,
            f"`format` must be one of {', '.join(FORMATS)}. Received: "
            f"format={shown(value)}.",
        )
    return value


def _add_predict(app, service):
    named = openapi.model_name(service.name)

    def check(request):
        name = request.path_params["name"]
        if name != service.name:
            raise RequestError(
                404,
                f"The model must be {service.name}, the only one here. Received: "
                f"{shown(name)}.",
            )

    @app.post(
        "/v1/models/{name}:predict",
        summary="Generates videos as numbers, in TensorFlow Serving's form.",
        responses=openapi.prediction() | openapi.errors(404, *_REFUSALS),
        openapi_extra=openapi.prediction_body(service.reader) | named,
    )
    async def predict(request: Request) -> Response:
        check(request)
        return await service.in_time(answer(request))

    async def answer(request):
        body = await request.body()
        wanted = tensorflow_form.read_prediction(body, service.reader)
        made = service.answers(wanted.requests, lambda made: made.videos.tolist())
        videos = await service.while_wanted(made, _hung_up(request))
        content = await asyncio.to_thread(
            tensorflow_form.answer, videos, wanted.by_rows
        )
        seeds = ",".join(str(each.seed) for each in wanted.requests)
        return Response(content, 200, {"X-Seed": seeds}, "application/json")

    state = {"responses": openapi.errors(401, 404, 500), "openapi_extra": named}

    @app.get("/v1/models/{name}", summary="The model's state.", **state)
    async def status(request: Request) -> dict:
        check(request)
        return tensorflow_form.status()

    @app.get("/v1/models/{name}/metadata", summary="Its inputs and outputs.", **state)
    async def metadata(request: Request) -> dict:
        check(request)
        return tensorflow_form.metadata(service.name, service.facts)


def _add_state(app, service):
    @app.get(
        "/healthz",
        summary="Whether the server generates.",
        responses=openapi.health(),
    )
    async def healthz() -> Response:
        well = service.batcher.is_alive()
        return JSONResponse({"ok": well}, 200 if well else 503)

    @app.get(
        "/metrics",
        summary="Numbers for Prometheus.",
        response_class=Response,
        responses=openapi.text(metrics.CONTENT_TYPE) | openapi.errors(401, 500),
    )
    async def read_metrics() -> Response:
        text = service.metrics.text(service.batcher.pending)
        return Response(text, media_type=metrics.CONTENT_TYPE)


def _add_page(app, page):
    if page is not None:  # the last, because it takes all other addresses
        app.mount("/", StaticFiles(directory=page, html=True))
        return

    @app.get("/", include_in_schema=False)
    async def form() -> FileResponse:
        return FileResponse(_FORM, media_type="text/html")


async def _refuse(_, error):
    return JSONResponse({"error": str(error)}, error.status, error.headers)


async def _refuse_address(request, error):
    reasons = {
        404: "The address must be one of those in /openapi.json.",
        405: f"The method must be another one. Received: {shown(request.method)}.",
    }
    reason = reasons.get(error.status_code, str(error.detail))
    return JSONResponse({"error": reason}, error.status_code, error.headers)


async def _note_end(_, __):
    # Its body never came to an end. No one reads this but the log.
    return JSONResponse({"error": "The client hung up."}, 499)


async def _fail(_, __):
    # The log has the reason; a client could not do anything about it.
    return JSONResponse({"error": "The server failed; its log says why."}, 500)
