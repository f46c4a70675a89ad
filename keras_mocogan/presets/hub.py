"""Presets on the Hugging Face hub. `from_preset` reads them from `hf://` URLs."""

import os
from typing import Any

from keras_mocogan.presets import locations
from keras_mocogan.presets.card import CARD, PICTURE, with_address
from keras_mocogan.presets.checksums import check_file
from keras_mocogan.presets.config import read_config
from keras_mocogan.utils.remote.errors import is_lost_connection
from keras_mocogan.utils.remote.remote_path import is_url

_SCHEME = "hf://"


def upload_to_hub(
    source: str | os.PathLike[str], repo: str, private: bool = False
) -> str:
    """Uploads a preset to the Hugging Face hub, in one commit.

    The repository is made if it does not exist. Only the preset's own files are sent,
    after their checksums were compared; the model card gets the address. Needs
    `keras-mocogan[hub]`, and a token that may write: `hf auth login`, or the
    environment variable HF_TOKEN.

    Args:
        source: Folder that `model.save_to_preset` wrote, or the name of a preset of
            the package.
        repo: Name of the repository, user/repo, with or without a leading hf://.
        private: Whether a new repository is private.

    Returns:
        URL for `from_preset`, such as hf://user/repo.

    Raises:
        ValueError: If there is no such preset, a file of it was changed, the name of
            the repository is not one, or huggingface-hub is not installed.
        ConnectionError: If the hub does not answer, or refuses.
    """
    repo = repo.removeprefix(_SCHEME).rstrip("/")
    if repo.count("/") != 1 or is_url(repo):
        raise ValueError(
            "`repo` must be a user and a name, such as 'user/repo'. Received: "
            f"repo={repo!r}."
        )
    if is_url(source):
        raise ValueError(
            f"`source` must be a folder on this machine. Received: {str(source)!r}. "
            "Load the model and write it by `model.save_to_preset`."
        )
    files = _files(locations.find(source), _SCHEME + repo)
    hub = _hub()
    try:
        hub.create_repo(repo, private=private, exist_ok=True)
        hub.create_commit(
            repo,
            operations=[
                hub.CommitOperationAdd(name, content) for name, content in files.items()
            ],
            commit_message="Upload a preset of keras_mocogan",
        )
    except Exception as error:
        is_hubs = isinstance(error, (hub.errors.HfHubHTTPError, OSError))
        if not is_hubs and not is_lost_connection(error):
            raise
        raise ConnectionError(
            f"{_SCHEME}{repo}: {' '.join(str(error).split())} Check that the hub can "
            "be reached, and log in by `hf auth login`, or set HF_TOKEN, with a token "
            "that may write."
        ) from error
    return _SCHEME + repo


def _hub() -> Any:
    try:
        import huggingface_hub
    except ImportError:
        raise ValueError(
            "Uploading needs huggingface-hub. Received: an environment without it. Run "
            "`pip install keras-mocogan[hub]`."
        ) from None
    return huggingface_hub


def _files(folder, address):
    """Name -> bytes, of everything that belongs to a preset."""
    held = read_config(folder)
    found = {locations.CONFIG: (folder / locations.CONFIG).read_bytes()}
    for name, wanted in held["weights"].items():
        path = folder / os.path.basename(name)
        if not path.is_file():
            raise ValueError(
                f"A preset must hold the files that its {locations.CONFIG} names. "
                f"Received: no {path}. Write it again by `model.save_to_preset`."
            )
        check_file(path, path, wanted)
        found[path.name] = path.read_bytes()
    if (folder / PICTURE).is_file():
        found[PICTURE] = (folder / PICTURE).read_bytes()
    if (folder / CARD).is_file():
        text = (folder / CARD).read_text("utf-8")
        found[CARD] = with_address(text, address).encode()
    return found
