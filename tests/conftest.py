"""Chooses the backend before Keras is imported, and holds the shared fixtures."""

import gc
import os
import sys
from pathlib import Path

# Tiny networks on many cores are slower than on two, and the child processes of
# some tests inherit these. Everything here is read at import, so it comes first.
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "2")
os.environ.setdefault("TF_NUM_INTEROP_THREADS", "2")
os.environ.setdefault("OMP_NUM_THREADS", "1")  # PyTorch: idle threads spin
os.environ.setdefault("NPROC", "2")  # XLA's thread pools on the CPU, hence JAX
# Without oneDNN the gradient of a strided 3D convolution runs on one slow path; some
# builds of TensorFlow leave it off by default.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
# JAX compiles the same tiny steps in many processes: a cache on disk lets each be
# compiled once. It lies where pytest keeps its own cache, so a second run is faster.
os.environ.setdefault(
    "JAX_COMPILATION_CACHE_DIR",
    str(Path(__file__).resolve().parent.parent / ".pytest_cache" / "jax"),
)
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0")
# Networks as tiny as these run as fast unoptimized, and are compiled in half the time.
os.environ.setdefault("JAX_DISABLE_MOST_OPTIMIZATIONS", "1")
os.environ.setdefault("MPLBACKEND", "agg")  # No window where there is no screen.

import keras  # noqa: E402
import processes  # noqa: E402
import pytest  # noqa: E402

# Where the tests marked "once" run.
ONCE_BACKEND = "tensorflow"
# Far from the limit of 65,530: the tests of a file add 10,000 at most.
MOST_MAPS = 30_000
DATA = processes.ROOT / "tests" / "data"
SHARED_DATA = processes.ROOT.parent / "shared" / "data"


def pytest_report_header():
    return f"keras {keras.__version__} on {keras.backend.backend()}"


def pytest_collection_modifyitems(config, items):
    for item in items:
        if DATA in item.path.parents:
            item.add_marker("data")
    if keras.backend.backend() == ONCE_BACKEND:
        return
    deselected = [item for item in items if item.get_closest_marker("once")]
    config.hook.pytest_deselected(items=deselected)
    items[:] = [item for item in items if item not in deselected]


def pytest_sessionfinish(session, exitstatus):
    session.config.exit_status = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config):
    """Ends the process: the threads of a hundred half-read data sets take minutes."""
    if hasattr(config, "exit_status"):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(config.exit_status)


@pytest.fixture(autouse=True)
def seed_everything():
    """Every test draws the same random numbers, in whatever order they run."""
    keras.utils.set_random_seed(0)


@pytest.fixture(autouse=True, scope="module")
def drop_compiled_steps():
    """Each compiled step of JAX's maps memory; a process has 65,530 maps at most.

    Only where there are many, for the next file needs most of the small ones again.
    """
    yield
    if keras.backend.backend() == "jax" and count_maps() > MOST_MAPS:
        import jax

        gc.collect()  # first the models, which hold their steps
        jax.clear_caches()


def count_maps():
    """How many memory maps this process has; too many where no one can tell."""
    maps = Path("/proc/self/maps")
    return maps.read_bytes().count(b"\n") if maps.exists() else MOST_MAPS + 1


@pytest.fixture(scope="session")
def shared_data():
    """Path of the folder with real clips; skips where it does not lie there."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"no real clips: {SHARED_DATA} does not exist")
    return SHARED_DATA


@pytest.fixture(scope="session")
def run_backend():
    """`run_backend(backend, code, *arguments)`: see `processes.run_backend`."""
    return processes.run_backend
