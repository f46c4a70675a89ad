"""Tells of clips that are passed over: each unreadable one once, short ones counted."""

import logging

logger = logging.getLogger("keras_mocogan")


class TooShortError(ValueError):
    """A clip has fewer frames than a window takes."""


class Skipped(dict):
    """Clips passed over so far: name -> reason, one line each.

    Args:
        on_error: `"skip"`, or `"raise"` to stop at the first clip that is unreadable.

    Attributes:
        stopped_by: Messages of the errors that ended the reading.
    """

    def __init__(self, on_error):
        super().__init__()
        self.stopped_by = []
        self._on_error = on_error
        self._num_short = 0

    def add(self, name, error):
        """Tells of a clip that failed while it was read.

        Raises:
            ValueError: With its name, if unreadable clips are not to be passed over.
        """
        if isinstance(error, TooShortError):
            self._add_short(name, error)
            return
        if self._on_error == "raise":
            self.stop(f"Cannot read {name}: {describe(error)}")
        if name not in self:
            self[name] = describe(error)
            logger.warning("Skipped %s: %s", name, self[name])

    def add_all(self, failures, num_clips):
        """Tells of all clips that could not be opened at the start, at once."""
        if not failures:
            return
        if self._on_error == "raise":
            name, error = next(iter(failures.items()))
            self.stop(f"Cannot read {name}: {describe(error)}")
        failures = {name: describe(error) for name, error in failures.items()}
        self.update(failures)
        logger.warning(
            "Skipped %d of %d clips that cannot be read:\n  %s",
            len(failures),
            num_clips,
            "\n  ".join(f"{name}: {reason}" for name, reason in failures.items()),
        )

    def add_short(self, lengths, num_clips, needed, wanted):
        """Tells of all clips that are known to be too short at the start, at once.

        Args:
            lengths: Numbers of frames of the short ones, by name.
            num_clips: Number of all clips.
            needed: Frames that a clip must have.
            wanted: The user's words for it.
        """
        if not lengths:
            return
        self.update(
            {name: too_short(length, needed) for name, length in lengths.items()}
        )
        logger.warning(
            "Skipped %d of %d clips that are too short, such as %s: %s takes %d.",
            len(lengths),
            num_clips,
            next(iter(lengths)),
            wanted,
            needed,
        )

    def stop(self, message):
        """Raises `ValueError`; `stopped_by` holds the message from then on."""
        self.stopped_by.append(message)
        # TensorFlow prints the whole chain of causes; the message says enough.
        raise ValueError(message) from None

    def _add_short(self, name, error):
        if name in self:
            return
        self[name] = str(error)
        self._num_short += 1
        # There may be very many: told at the 1st, the 10th, the 100th, ...
        if str(self._num_short).strip("0") == "1":
            logger.warning(
                "Skipped %d so far as too short, such as %s: %s",
                self._num_short,
                name,
                error,
            )


def describe(error):
    """An exception, or what is told of one already, as one line."""
    if isinstance(error, str):
        return error
    return f"{type(error).__name__}: {' '.join(str(error).split())}"


def too_short(num_frames, needed):
    """Why a clip cannot be used that has fewer frames than are needed."""
    if num_frames == 1:
        return f"it is a single frame, {needed} are needed"
    return f"it has {num_frames} frames, {needed} are needed"
