"""Recognises how the clips lie in a folder."""

import dataclasses
import os
from typing import NamedTuple

from keras_mocogan.data import storage
from keras_mocogan.data.images import is_animated, open_picture
from keras_mocogan.data.strips import strip_length
from keras_mocogan.data.suffixes import (
    IMAGE_SUFFIXES,
    VIDEO_SUFFIXES,
    is_image,
    is_video,
)

# Frames of 2:1 exist, strips of two frames hardly.
_SHORTEST_STRIP = 3
_FILES_LOOKED_AT = 15
_DEEPEST = 2
# Where there are more folders, some of them stand for all.
_FOLDERS_LISTED = 1000


class _Folder(NamedTuple):
    """A folder with clips or frames in it; no `files` if it was not opened."""

    path: str
    depth: int
    files: list

    @property
    def example(self):
        return self.files[0] if self.files else self.path


@dataclasses.dataclass(frozen=True)
class Listing:
    """The clips of a folder, in the order of their paths.

    Attributes:
        paths: Files, or folders of numbered frames.
        numbered: Whether they are folders of numbered frames.
        labels: Class number of each path, or `None` without class folders.
        class_names: Sorted names of the class folders, or `None`.
    """

    paths: list
    numbered: bool
    labels: list | None
    class_names: list | None


def list_clips(root, layout="auto"):
    """Lists the clips under `root`; `video_dataset` says by which rules.

    Raises:
        FileNotFoundError: If there is no `root`.
        ValueError: If no clip lies there, or the layout cannot be told.
    """
    if not storage.exists(root):
        raise FileNotFoundError(f"No such file or folder: {root}")
    if not storage.is_folder(root):
        return Listing([root], numbered=False, labels=None, class_names=None)
    folders, numbered = _folders_with_media(root, layout)
    depth = _common_depth(root, folders)
    class_depth = 2 if numbered else 1
    if depth > class_depth:
        raise ValueError(
            f"In {root} the clips lie deeper than in class folders, such as "
            f"{folders[0].example}. Give one of its subfolders as the source."
        )
    if numbered:
        paths = [folder.path for folder in folders]
    else:
        paths = [path for folder in folders for path in folder.files]
    if depth < class_depth:
        return Listing(paths, numbered, labels=None, class_names=None)
    classes = [_first_part(path, root) for path in paths]
    class_names = sorted(set(classes))
    numbers = {name: number for number, name in enumerate(class_names)}
    labels = [numbers[name] for name in classes]
    return Listing(paths, numbered, labels, class_names)


def _folders_with_media(root, layout):
    """Folders that hold image or video files themselves, in the order of paths.

    Returns:
        List of `_Folder`, and whether each is one clip of numbered frames.
    """
    found, level = [], [root]
    for depth in range(_DEEPEST + 1):
        if len(level) > _FOLDERS_LISTED:
            some = [_Folder(path, depth, _list_media(path)[1]) for path in _some(level)]
            if all(folder.files for folder in some) and _numbered(root, some, layout):
                # A clip each, surely: none but these few is opened.
                files = {folder.path: folder.files for folder in some}
                found += [_Folder(path, depth, files.get(path, ())) for path in level]
                return found, True
        below = []
        for path in level:
            subfolders, files = _list_media(path)
            below += subfolders
            if files:
                found.append(_Folder(path, depth, files))
        level = below
    if not found:
        raise ValueError(_nothing_found(root))
    return found, _numbered(root, found, layout)


def _list_media(path):
    folders, files = storage.list_folder(path)
    return folders, [file for file in files if is_image(file) or is_video(file)]


def _some(items):
    """At most `_FILES_LOOKED_AT` of the items, spread over all of them."""
    return items[:: -(-len(items) // _FILES_LOOKED_AT)]


def _numbered(root, folders, layout):
    """Whether the images are single frames, judged by some spread over all files."""
    if layout != "auto":
        return layout == "frames"
    files = [path for folder in folders for path in folder.files]
    looks = {path: _holds_clip(path) for path in _some(files)}
    clips = [path for path, holds_clip in looks.items() if holds_clip]
    frames = [path for path, holds_clip in looks.items() if holds_clip is False]
    # A thumbnail among videos, or a broken strip, must not decide.
    if len(clips) < 2 * len(frames) and len(frames) < 2 * len(clips):
        raise ValueError(
            f"Cannot tell how the clips lie in {root}: {clips[0]} looks like a clip, "
            f'{frames[0]} like a single frame. Say layout="files" if each file is a '
            'clip, or layout="frames" if each folder is one.'
        )
    return len(frames) > len(clips)


def _holds_clip(path):
    """Whether a file is a clip (or one frame of it); `None` if that is unknown."""
    try:
        with open_picture(path) as picture:
            is_strip = strip_length(picture.size) >= _SHORTEST_STRIP
            return is_strip or is_animated(picture)
    except Exception:  # Whatever a broken file makes Pillow raise.
        return True if is_video(path) else None


def _common_depth(root, folders):
    """How deep below `root` the files lie, 0 for in `root` itself."""
    first = folders[0]
    for folder in folders:
        if folder.depth != first.depth:
            raise ValueError(
                f"In {root} some clips lie deeper than others: {first.example} and "
                f"{folder.example}. Keep either class folders or clips there."
            )
    return first.depth


def _first_part(path, root):
    below = path[len(root) :].lstrip("/" + os.sep)
    return below.replace(os.sep, "/").split("/")[0]


def _nothing_found(root):
    return (
        f"No video found in {root}. Wanted are clips, or class folders of clips, which "
        "are: strips of square frames (images), video files, or folders of numbered "
        f"images. Recognised images: {' '.join(sorted(IMAGE_SUFFIXES))}; "
        f"videos: {' '.join(sorted(VIDEO_SUFFIXES))}."
    )
