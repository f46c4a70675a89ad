"""Counters of a server, in Prometheus' text format."""

import collections
import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from keras_mocogan.serving.requests import VideoRequest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_PREFIX = "keras_mocogan_"
_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_HELP = {
    "requests_total": "HTTP requests by route and status.",
    "videos_total": "Generated videos.",
    "frames_total": "Generated frames.",
    "batches_total": "Calls of the generator.",
    "generating_seconds_total": "Seconds spent in the generator.",
}


class Metrics:
    """Counts requests, videos and seconds; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counters = dict.fromkeys(_HELP, 0)
        self._requests: collections.Counter = collections.Counter()
        self._buckets = [0] * (len(_BUCKETS) + 1)
        self._seconds = 0.0

    def count_request(self, route: str, status: int, seconds: float) -> None:
        """Counts an answered request.

        Args:
            route: The route's pattern, never a client's own text.
            status: HTTP status.
            seconds: From the request's first byte to the answer's last.
        """
        with self._lock:
            self._requests[route, status] += 1
            self._seconds += seconds
            self._buckets[sum(seconds > bound for bound in _BUCKETS)] += 1

    def count_batch(self, requests: Sequence[VideoRequest], seconds: float) -> None:
        """Counts a call of the generator."""
        videos = sum(request.count for request in requests)
        with self._lock:
            self._counters["batches_total"] += 1
            self._counters["videos_total"] += videos
            self._counters["frames_total"] += videos * requests[0].frames
            self._counters["generating_seconds_total"] += seconds

    def text(self, pending: Callable[[], int]) -> str:
        """All numbers, as Prometheus reads them.

        Args:
            pending: Tells how many requests are pending.
        """
        with self._lock:
            lines = [*self._request_lines(), *self._counter_lines()]
            lines += self._histogram_lines()
        lines += _gauge(f"{_PREFIX}pending_requests", "Not answered yet.", pending())
        resident = resident_bytes()
        if resident is not None:
            about = "Resident memory size in bytes."
            lines += _gauge("process_resident_memory_bytes", about, resident)
        return "\n".join(lines) + "\n"

    def _request_lines(self):
        yield from _head(f"{_PREFIX}requests_total", _HELP["requests_total"], "counter")
        for (route, status), number in sorted(self._requests.items()):
            labels = f'route="{route}",status="{status}"'
            yield f"{_PREFIX}requests_total{{{labels}}} {number}"

    def _counter_lines(self):
        for name, about in _HELP.items():
            if name != "requests_total":
                yield from _head(f"{_PREFIX}{name}", about, "counter")
                yield f"{_PREFIX}{name} {self._counters[name]}"

    def _histogram_lines(self):
        name, total = f"{_PREFIX}request_seconds", 0
        yield from _head(name, "Seconds from request to answer.", "histogram")
        for bound, number in zip((*_BUCKETS, "+Inf"), self._buckets, strict=True):
            total += number
            yield f'{name}_bucket{{le="{bound}"}} {total}'
        yield f"{name}_sum {self._seconds}"
        yield f"{name}_count {total}"


def resident_bytes() -> int | None:
    """Resident memory of this process; None where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")


def _head(name, about, kind):
    yield f"# HELP {name} {about}"
    yield f"# TYPE {name} {kind}"


def _gauge(name, about, value):
    return [*_head(name, about, "gauge"), f"{name} {value}"]
