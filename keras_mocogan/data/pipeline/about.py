"""What a data set says about its clips, whichever engine reads them."""

from collections.abc import Callable
from typing import Any, NamedTuple


class About(NamedTuple):
    """The attributes of a data set; `video_dataset` says what they mean."""

    clip_names: Any
    class_names: list | None
    num_classes: int
    num_clips: int
    steps_per_epoch: int
    skipped: dict
    clips_fingerprint: Callable[[], str]
