"""The files that TensorBoard reads, written without TensorFlow."""

import os
import socket
import struct
import time
from collections.abc import Mapping

from keras_mocogan.data.records.tfrecords import frame_record
from keras_mocogan.utils.remote import fsspec_files
from keras_mocogan.utils.remote.remote_path import as_path, is_url

_RGB = 3
_GIF_SIZE = struct.Struct("<6xHH")  # after the signature: width, height


class EventFile:
    """An event file: what it is given at a step is on disk when a call returns.

    Storage at URLs cannot append, so there each event gets a file of its own, which
    TensorBoard reads one after another.

    Images are written in the old form of a summary, a width, a height and the bytes of
    a file. TensorBoard hands these bytes to the browser, so a GIF is played.

    Args:
        directory: Folder of the file, or its URL; it is made if need be.
        made: Steps that the model has made when this run begins. TensorBoard drops what
            earlier files of the folder say about later steps.

    Raises:
        ImportError: If the package `tensorboard` is not installed.
    """

    def __init__(self, directory: str | os.PathLike[str], made: int) -> None:
        self._events, self._summaries = protocol_buffers()
        self._directory = as_path(directory)
        self._directory.mkdir(parents=True, exist_ok=True)
        self._path = self._directory / _name()
        start = self._events.SessionLog(status=self._events.SessionLog.START)
        self._head = self._framed(0, file_version="brain.Event:2")
        if not is_url(self._directory):
            self._path.write_bytes(self._head)
        self._write(made + 1, session_log=start)

    def add(
        self, step: int, scalars: Mapping[str, float], gifs: Mapping[str, bytes]
    ) -> None:
        """Writes what belongs to a step.

        Args:
            step: The step.
            scalars: Tag -> number.
            gifs: Tag -> content of a GIF file.
        """
        summary = self._summaries.Summary()
        for tag, value in scalars.items():
            summary.value.add(tag=tag, simple_value=value)
        for tag, content in gifs.items():
            width, height = _GIF_SIZE.unpack_from(content)
            image = self._summaries.Summary.Image(
                width=width,
                height=height,
                colorspace=_RGB,
                encoded_image_string=content,
            )
            summary.value.add(tag=tag, image=image)
        self._write(step, summary=summary)

    def _framed(self, step, **content):
        event = self._events.Event(wall_time=time.time(), step=step, **content)
        return frame_record(event.SerializeToString())

    def _write(self, step, **content):
        record = self._framed(step, **content)
        if is_url(self._directory):
            url = str(self._directory / _name())
            fsspec_files.write(url, self._head + record)
            return
        with self._path.open("ab") as file:
            file.write(record)


def _name():
    # TensorBoard reads the files of a folder in the order of their names.
    return f"events.out.tfevents.{time.time_ns()}.{socket.gethostname()}"


def protocol_buffers():
    """TensorBoard's modules of events and of summaries; see `EventFile` for errors."""
    try:
        from tensorboard.compat.proto import event_pb2, summary_pb2
    except ImportError as error:
        raise ImportError(
            "TensorBoard's curves and previews need the package `tensorboard`. Install "
            "it: pip install tensorboard"
        ) from error
    return event_pb2, summary_pb2
