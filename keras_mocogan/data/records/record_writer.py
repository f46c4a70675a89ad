"""Writes record files: it can be restarted, and one seed gives the same files."""

import concurrent.futures
import hashlib
import io
import json
import multiprocessing
import os
import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from keras_mocogan.data.frames.images import resize_frame
from keras_mocogan.data.frames.lost_frames import read_remaining
from keras_mocogan.data.frames.skipped import describe
from keras_mocogan.data.readers.sources import ArraySource
from keras_mocogan.data.records import record_index
from keras_mocogan.data.records.examples import encode_example
from keras_mocogan.data.records.record_frames import KEY
from keras_mocogan.data.records.tfrecords import frame_record
from keras_mocogan.utils.files import remove_unfinished, replacing, size_of
from keras_mocogan.utils.remote.remote_path import as_path


class _Shard(NamedTuple):
    """One shard to write."""

    path: str
    clips: np.ndarray


class _Writer(NamedTuple):
    """Writes shards; each worker process has its own."""

    source: object
    settings: dict
    retries: bool

    def __call__(self, shard):
        return _write_shard(self, shard)


def write_shards(
    source, folder, settings, clips_per_shard, seed, workers, retries, on_shard
):
    """Writes the shards that do not exist yet, and the index; see `write_records`.

    Args:
        source: Where clips come from; see `sources`.
        folder: `Path` or `RemotePath`.
        settings: Dictionary of what the frames depend on, stored in the index.
        retries: Whether finished shards that lack unreadable clips are written again.
        on_shard: Called after each shard with a dictionary of its `clips` and
            `failures`, and with the number of shards.

    Returns:
        Number of clips.
    """
    folder.mkdir(parents=True, exist_ok=True)
    shards = _plan(source, folder, settings, clips_per_shard, seed)
    remove_unfinished(folder)
    sidecars = []
    for sidecar in _run(_Writer(source, settings, retries), shards, workers):
        sidecars.append(sidecar)
        on_shard(sidecar, len(shards))
    return _write_index(folder, settings, sidecars)


def _plan(source, folder, settings, clips_per_shard, seed):
    """All `_Shard`s; refuses a folder with records of another plan."""
    order = np.random.default_rng(seed).permutation(len(source.names))
    shards = [
        np.sort(order[first : first + clips_per_shard])
        for first in range(0, len(order), clips_per_shard)
    ]
    plan = [record_index.SCHEMA, settings, clips_per_shard, seed]
    plan = json.dumps([*plan, *_identity(source)])
    fingerprint = hashlib.sha256(plan.encode("utf-8", "surrogateescape")).hexdigest()
    path = folder / "plan.json"
    if path.exists() and json.loads(path.read_text()).get("fingerprint") != fingerprint:
        raise ValueError(
            "`folder` must hold no records but those of the same clips and arguments. "
            f"Received: {folder} with records that were made from other clips or with "
            "other arguments. Choose another folder."
        )
    with replacing(path) as part:
        Path(part).write_text(json.dumps({"fingerprint": fingerprint}))
    return [
        _Shard(
            str(folder / f"clips-{i:05d}-of-{len(shards):05d}{record_index.SUFFIX}"),
            clips,
        )
        for i, clips in enumerate(shards)
    ]


def _identity(source):
    """What tells the clips from others: names, and what names do not say."""
    names = "\n".join(str(name) for name in source.names)
    labels = digests = None
    if source.labels is not None and source.class_names is None:  # not by folders
        labels = [int(label) for label in source.labels]
    if isinstance(source, ArraySource):  # all arrays have the same names
        digests = [source.digest(clip) for clip in range(len(source.names))]
    # As in the plans of earlier versions, where names say all.
    return [names] if labels is None and digests is None else [names, labels, digests]


def _run(writer, shards, workers):
    """Yields the content of each shard's sidecar, in the order of the shards."""
    if workers == 1:
        yield from map(writer, shards)
        return
    with concurrent.futures.ProcessPoolExecutor(
        workers,
        # TensorFlow does not survive a fork.
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_start_worker,
        initargs=(writer,),
    ) as pool:
        yield from pool.map(_write_in_worker, shards)


_worker = None


def _start_worker(writer):
    # Sent once: a list of a million paths is too long to send with every shard.
    global _worker
    _worker = writer


def _write_in_worker(shard):
    return _worker(shard)


def _write_shard(writer, shard):
    """Writes one shard and, last of all, the sidecar that says it is complete."""
    sidecar_path = as_path(f"{shard.path}.json")
    if sidecar_path.exists():
        sidecar = json.loads(sidecar_path.read_text())
        is_kept = not (writer.retries and sidecar["failures"])
        if is_kept and sidecar["size"] == size_of(shard.path):
            return sidecar
    clips, failures = [], {}
    with replacing(shard.path) as part:
        with open(part, "wb") as file:
            for clip in shard.clips:
                try:
                    record, num_frames, label = _record(writer, clip)
                except ConnectionError:  # not the clip's fault: a restart goes on here
                    raise
                except Exception as error:  # whatever the decoder raises
                    failures[str(writer.source.names[clip])] = describe(error)
                    continue
                file.write(frame_record(record))
                clips.append([num_frames, label, len(record), zlib.crc32(record)])
    sidecar = {"clips": clips, "failures": failures, "size": size_of(shard.path)}
    sidecar["file"] = os.path.basename(shard.path)
    with replacing(sidecar_path) as part:
        Path(part).write_text(json.dumps(sidecar))
    return sidecar


def _record(writer, clip):
    source, settings, _ = writer

    def read(numbers):
        return [
            _encode(
                resize_frame(
                    frame,
                    settings["image_size"],
                    settings["resize"],
                    fill_value=settings.get("fill_value", 0),
                ),
                settings,
            )
            for frame in source.read_frames(clip, numbers)
        ]

    frames = read_remaining(read, source.count_frames(clip))
    label = -1 if source.labels is None else int(source.labels[clip])
    name = str(source.names[clip]).encode("utf-8", "surrogateescape")
    record = encode_example({KEY: frames, "label": [label], "name": [name]})
    return record, len(frames), label


def _encode(frame, settings):
    if settings["format"] == "raw":
        return frame.tobytes()
    content = io.BytesIO()
    picture = Image.fromarray(frame[..., 0] if frame.shape[-1] == 1 else frame)
    # Colors at full resolution: at half of it, small shapes lose theirs.
    picture.save(content, "JPEG", quality=settings["quality"], subsampling=0)
    return content.getvalue()


def _write_index(folder, settings, sidecars):
    shards = [
        {"file": sidecar["file"], "clips": sidecar["clips"]} for sidecar in sidecars
    ]
    num_clips = sum(len(shard["clips"]) for shard in shards)
    if not num_clips:
        raise ValueError(
            "`source` must hold at least one clip that can be read. Received: clips of "
            "which none can be read; the warnings before this say why."
        )
    index = {
        "schema": record_index.SCHEMA,
        **settings,
        "num_clips": num_clips,
        "shards": shards,
    }
    with replacing(folder / record_index.INDEX) as part:
        Path(part).write_text(json.dumps(index))
    return num_clips
