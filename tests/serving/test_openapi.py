"""/openapi.json keeps its promises for requests that Schemathesis draws from it."""

import collections

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from serving_clients import LIMITS, make_service

from keras_mocogan.export.model_facts import ModelFacts
from keras_mocogan.serving.app import make_app

pytestmark = [pytest.mark.once, pytest.mark.slow]

FUZZ = settings(
    max_examples=60,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
SIZES = {"content_dim": 3, "motion_dim": 2, "noise_dim": 2}
MODELS = {
    "classes": ModelFacts(4, (32, 32, 3), 2, "motion", SIZES),
    "no classes": ModelFacts(4, (32, 48, 1), 0, None, SIZES),
    "one length": ModelFacts(4, (32, 32, 3), 2, "latent", {"latent_dim": 3}),
}
# The document cannot say that two values together are too large, nor that a model has
# one length only.
TOGETHER = (b"must make at most", b"clips of that length only")


class BlackNetworks:
    """What the server calls, without what takes time."""

    def __init__(self, facts):
        self.facts = facts

    def on_cpu(self):
        return True

    def motion(self, path):
        return np.zeros((*path["noise"].shape[:2], 2), "float32")

    def clips(self, codes):
        rows = len(next(iter(codes.values())))
        frames = 1 if self.facts.has_motion else self.facts.num_frames
        return np.full((rows, frames, *self.facts.frame_shape), -1, "float32")


@pytest.fixture(scope="module", params=MODELS)
def served(request):
    """`(service, schema)` of a model."""
    import schemathesis

    networks = BlackNetworks(MODELS[request.param])
    names = ["up", "down"] if request.param == "classes" else None
    service = make_service(networks, LIMITS._replace(count=3), names)
    yield service, schemathesis.openapi.from_asgi("/openapi.json", make_app(service))
    service.batcher.stop()


def operations(schema):
    return {found.ok().label: found.ok() for found in schema.get_all_operations()}


def ask_all(cases):
    """Sends what is drawn; statuses, kinds of content and schemas are as documented.

    Returns:
        How often each status came.
    """
    from schemathesis.specs.openapi.checks import positive_data_acceptance

    statuses = collections.Counter()

    @FUZZ
    @given(cases)
    def ask(case):
        answer = case.call(timeout=100)
        statuses[answer.status_code] += 1
        together = any(text in answer.content for text in TOGETHER)
        left_out = [positive_data_acceptance] if together else []
        case.validate_response(answer, excluded_checks=left_out)

    ask()
    return statuses


@pytest.mark.parametrize(
    "route", ["POST /v1/generate", "POST /v1/models/{name}:predict"]
)
@pytest.mark.parametrize("mode", ["positive", "negative"])
def test_bodies(served, route, mode):
    from schemathesis import GenerationMode

    service, schema = served
    operation = operations(schema)[route]
    statuses = ask_all(operation.as_strategy(GenerationMode(mode)))
    assert sum(statuses.values()) >= FUZZ.max_examples
    if mode == "positive":
        assert statuses[200] > FUZZ.max_examples / 4
    else:
        # Some are sent in a form that makes them right again, which their check knows.
        assert statuses[200] < FUZZ.max_examples / 10
    assert service.batcher.is_alive() and service.batcher.pending() == 0


def test_other_routes(served):
    _, schema = served
    for label, operation in operations(schema).items():
        if label.startswith("GET"):
            assert set(ask_all(operation.as_strategy())) == {200}
