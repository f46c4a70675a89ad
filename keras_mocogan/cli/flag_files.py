"""Files of flags at URLs: absl opens only those on this machine."""

from keras_mocogan.utils.remote.remote_path import as_path, is_url

_FLAG = "--flagfile="


def expanded(words):
    """The words of a command line, with those of `--flagfile=URL` in its place.

    Args:
        words: List of strings.

    Returns:
        List of strings.
    """
    found = []
    for word in words:
        file = word.removeprefix(_FLAG)
        if not word.startswith(_FLAG) or not is_url(file):
            found.append(word)
            continue
        lines = map(str.strip, as_path(file).read_text().splitlines())
        found += [line for line in lines if line and not line.startswith(("#", "//"))]
    return found
