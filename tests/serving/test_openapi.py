"""/openapi.json keeps its promises for requests that Schemathesis draws from it."""

import collections

import pytest
from hypothesis import HealthCheck, given, settings
from serving_clients import LIMITS, lively_networks, make_service
from testing import tiny_model, tiny_vgan

from keras_mocogan.serving.app import make_app
from keras_mocogan.serving.keras_networks import KerasNetworks

pytestmark = [pytest.mark.once, pytest.mark.slow]

FUZZ = settings(
    max_examples=60,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
MODELS = {
    "classes": (lively_networks, ("up", "down")),
    "no classes": (lambda: KerasNetworks(tiny_model(num_classes=0, channels=1)), None),
    "one length": (lambda: KerasNetworks(tiny_vgan()), None),
}
# The document cannot say that two values together are too large, nor that a model has
# one length only.
TOGETHER = (b"must make at most", b"clips of that length only")


@pytest.fixture(scope="module", params=MODELS)
def served(request):
    """`(service, schema)` of a model."""
    import schemathesis

    make, names = MODELS[request.param]
    service = make_service(make(), LIMITS._replace(count=3), names)
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
        answer = case.call()
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
        assert statuses[400] + statuses[422] > FUZZ.max_examples / 2
    assert service.batcher.is_alive() and service.batcher.pending() == 0


def test_other_routes(served):
    _, schema = served
    for label, operation in operations(schema).items():
        if label.startswith("GET"):
            assert set(ask_all(operation.as_strategy())) == {200}
