"""Recognizes how the clips lie in a folder."""

import glob
import os
import re
from typing import NamedTuple

from keras_mocogan.data.frames.images import is_animated, open_picture
from keras_mocogan.data.readers.listing import (
    Listing,
    check_no_array,
    list_paths,
    number_classes,
)
from keras_mocogan.data.readers.strips import strip_length
from keras_mocogan.data.readers.suffixes import (
    IMAGE_SUFFIXES,
    VIDEO_SUFFIXES,
    is_array,
    is_image,
    is_video,
)
from keras_mocogan.data.storage import storage

# Frames of 2:1 exist, but hardly any strips of two frames.
_SHORTEST_STRIP = 3
_FILES_LOOKED_AT = 15
_DEEPEST = 2
# Only to say where deeper clips lie.
_DEEPEST_LOOKED_AT = 6
# If there are more folders, some of them stand for all.
_FOLDERS_LISTED = 1000


class _Folder(NamedTuple):
    """A folder with clips or frames in it; `files` is empty if it was not opened."""

    path: str
    depth: int
    files: list

    @property
    def example(self):
        return self.files[0] if self.files else self.path


def list_clips(root, layout="auto"):
    """Lists the clips under `root`; `video_dataset` describes the rules.

    Args:
        root: A folder, a file, or a pattern of either.
        layout: See `video_dataset`.

    Returns:
        A `Listing`.

    Raises:
        FileNotFoundError: If there is no `root`.
        ValueError: If no clip lies there, or the layout is not clear.
    """
    if not storage.exists(root):
        found = _matching(root)
        check_layout_of_paths(layout, root)
        return list_paths(found)
    if not storage.is_folder(root):
        check_no_array(root)
        return Listing([root])
    failures = {}
    folders, numbered = _folders_with_media(root, layout, failures)
    depth = _common_depth(root, folders)
    class_depth = 2 if numbered else 1
    if depth > class_depth:
        raise ValueError(_too_deep(root, folders[0], numbered))
    if numbered:
        paths = [folder.path for folder in folders]
    else:
        paths = [path for folder in folders for path in folder.files]
    if depth < class_depth:
        return Listing(paths, numbered, failures=failures)
    classes = [_parts_below(path, root)[0] for path in paths]
    return Listing(paths, numbered, *number_classes(classes), failures)


def check_layout_of_paths(layout: str, source: str) -> None:
    """Refuses a layout for paths that are clips already.

    Args:
        layout: See `video_dataset`.
        source: What was given instead of a folder, for the message.

    Raises:
        ValueError: If the layout is not `"auto"`.
    """
    if layout != "auto":
        raise ValueError(
            "`layout` must be 'auto' where `source` is a pattern or a list of paths, "
            f"each of which is a clip. Received: layout={layout!r} and {source}. "
            "Pass the folder that holds the clips, or leave `layout` out."
        )


def _matching(pattern):
    """Paths that a pattern stands for."""
    found = storage.matching(pattern) if storage.is_pattern(pattern) else []
    if found:
        return found
    hint = ""
    if re.match(r"[a-z0-9]+:/[^/]", pattern):
        hint = " A URL must be text: as a pathlib.Path it loses one of its slashes."
    raise FileNotFoundError(
        "`source` must be a file or a folder that exists, or a pattern that matches "
        f"some. Received: {pattern}.{hint}"
    )


def _folders_with_media(root, layout, failures):
    """Folders that hold image or video files directly, in the order of their paths.

    Returns:
        List of `_Folder`, and whether each is one clip of numbered frames.
    """
    found, level, others = [], [root], []
    for depth in range(_DEEPEST_LOOKED_AT + 1):
        if depth > _DEEPEST:
            if found or not level:
                break
            level = _some(level)
        if len(level) > _FOLDERS_LISTED:
            some = [
                _Folder(path, depth, _list(path, others, failures)[1])
                for path in _some(level)
            ]
            if all(folder.files for folder in some) and _numbered(root, some, layout):
                # Each is certainly a clip: only these few are opened.
                files = {folder.path: folder.files for folder in some}
                found += [_Folder(path, depth, files.get(path, ())) for path in level]
                return found, True
        below = []
        for path in level:
            subfolders, files = _list(path, others, failures)
            below += subfolders
            if files:
                found.append(_Folder(path, depth, files))
        level = below
    if root in failures:
        raise failures[root]
    if not found:
        raise ValueError(_nothing_found(root, others))
    return found, _numbered(root, found, layout)


def _list(path, others, failures):
    """Folders and media files in a folder; adds its other files to `others`."""
    try:
        folders, files = storage.list_folder(path)
    except ConnectionError:  # the storage's failure, not the folder's
        raise
    except OSError as error:
        failures[path] = error
        return [], []
    media = [file for file in files if is_image(file) or is_video(file)]
    if not media:
        others += files[:_FILES_LOOKED_AT]
    return folders, media


def _some(items):
    """At most `_FILES_LOOKED_AT` of the items, spread over all of them."""
    return items[:: -(-len(items) // _FILES_LOOKED_AT)]


def _numbered(root, folders, layout):
    """Whether the images are single frames, judged by a sample of all files."""
    if layout != "auto":
        return layout == "frames"
    files = [path for folder in folders for path in folder.files]
    looks = {path: _holds_clip(path) for path in _some(files)}
    clips = [path for path, holds_clip in looks.items() if holds_clip]
    frames = [path for path, holds_clip in looks.items() if holds_clip is False]
    # A thumbnail among videos, or a broken strip, must not decide.
    if len(clips) < 2 * len(frames) and len(frames) < 2 * len(clips):
        raise ValueError(
            f"`layout` must say how the clips lie in {root}: the files do not. "
            f"Received: layout='auto', {clips[0]}, which looks like a clip, and "
            f"{frames[0]}, which looks like a single frame. Pass layout='files' if "
            "each file is a clip, or layout='frames' if each folder is one."
        )
    return len(frames) > len(clips)


def _holds_clip(path):
    """Whether a file is a clip (or one frame of it); `None` if that is unknown."""
    try:
        with open_picture(path) as picture:
            is_strip = strip_length(picture.size) >= _SHORTEST_STRIP
            if is_strip or is_animated(picture):
                return True
            return None if is_video(path) else False  # such as a GIF of one frame
    except Exception:  # whatever a broken file makes Pillow raise
        return True if is_video(path) else None


def _common_depth(root, folders):
    """How deep below `root` the files lie; 0 means in `root` itself."""
    first = folders[0]
    for folder in folders:
        if folder.depth != first.depth:
            raise ValueError(
                f"`source` must hold all clips at one depth. Received: {root}, where "
                f"some lie deeper than others: {first.example} and {folder.example}. "
                "Keep either class folders or clips there, or pass a list of the "
                "clips' paths."
            )
    return first.depth


def _too_deep(root, folder, numbered):
    """Says what to pass instead of `root`, for clips such as those in `folder`."""
    # Folders from `root` to the clip, whether that is a file or a folder.
    between = folder.depth - 1 if numbered else folder.depth
    source = os.path.dirname(folder.path)
    if numbered:
        source = os.path.dirname(source)
    pattern = "/".join([glob.escape(root.rstrip("/")), *["*"] * (between + 1)])
    return (
        f"`source` must hold clips, or class folders of clips. Received: {root}, where "
        f"the clips lie deeper than in class folders, such as {folder.example}. Pass a "
        f"folder of class folders, such as {source}; or the pattern {pattern}, with "
        "which each clip's folder is its class."
    )


def _parts_below(path, root):
    below = path[len(root) :].lstrip("/" + os.sep)
    return below.replace(os.sep, "/").split("/")


def _nothing_found(root, others):
    for path in filter(is_array, others):
        check_no_array(path)
    return (
        "`source` must hold clips, or class folders of clips. Clips are strips of "
        "square frames (images), video files, or folders of numbered images. "
        f"Received: {root}, where no video was found. Recognized images: "
        f"{' '.join(sorted(IMAGE_SUFFIXES))}; videos: "
        f"{' '.join(sorted(VIDEO_SUFFIXES))}."
    )
