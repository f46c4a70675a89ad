"""Reports skipped clips: names each unreadable one once, and counts short ones."""

import logging
import threading

logger = logging.getLogger("keras_mocogan")


class TooShortError(ValueError):
    """A clip has fewer frames than a window needs."""


class Skipped(dict):
    """Clips skipped so far: name -> reason, one line each.

    Args:
        on_error: `"skip"`, or `"raise"` to stop at the first unreadable clip.

    Attributes:
        stopped_by: Messages of the errors that ended the reading.
    """

    def __init__(self, on_error):
        super().__init__()
        self.stopped_by = []
        self._on_error = on_error
        self._num_short = 0
        # Several threads read, and may fail on one clip.
        self._adding = threading.Lock()

    def add(self, name, error):
        """Reports a clip that failed while it was read.

        Raises:
            ValueError: With its name, if unreadable clips must not be skipped.
        """
        is_short = isinstance(error, TooShortError)
        if self._on_error == "raise" and not is_short:
            self.stop(f"Cannot read {name}: {describe(error)}")
        with self._adding:
            if name in self:
                return
            if is_short:
                self._add_short(name, error)
            else:
                self[name] = describe(error)
                logger.warning("Skipped %s: %s", name, self[name])

    def add_all(self, failures, num_clips):
        """Reports all clips that could not be opened at the start, in one warning."""
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
        """Reports all clips that are too short at the start, in one warning.

        Args:
            lengths: Numbers of frames of the short clips, by name.
            num_clips: Number of all clips.
            needed: Frames that a clip must have.
            wanted: The arguments that ask for them, as text.
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
        # TensorFlow would print the whole chain of causes; the message says enough.
        raise ValueError(message) from None

    def _add_short(self, name, error):
        self[name] = str(error)
        self._num_short += 1
        # There may be very many: it warns at the 1st, the 10th, the 100th, ...
        if str(self._num_short).strip("0") == "1":
            logger.warning(
                "Skipped %d so far as too short, such as %s: %s",
                self._num_short,
                name,
                error,
            )


def describe(error):
    """An exception, or a text that already describes one, as one line."""
    if isinstance(error, str):
        return error
    return f"{type(error).__name__}: {' '.join(str(error).split())}"


def too_short(num_frames, needed):
    """Why a clip with fewer frames than needed cannot be used."""
    if num_frames == 1:
        return f"it is a single frame, {needed} are needed"
    return f"it has {num_frames} frames, {needed} are needed"
