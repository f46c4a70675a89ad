"""Settings that stay with a folder, so that nothing in it is taken for other ones."""

import json

from absl import app

from keras_mocogan.utils.files import replacing

_FILE = "settings.json"


def keep(folder, settings):
    """Writes the settings into a folder, or checks that they are those kept there.

    Args:
        folder: `Path` of the folder; made if necessary.
        settings: Dictionary of plain values.

    Raises:
        app.UsageError: If the folder was begun with others.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file, settings = folder / _FILE, json.loads(json.dumps(settings))  # no tuples
    if not file.exists():
        with replacing(file) as part:
            part.write_text(json.dumps(settings, indent=1) + "\n")
        return
    kept = json.loads(file.read_text())
    if kept != settings:
        names = sorted(
            name
            for name in kept.keys() | settings.keys()
            if kept.get(name) != settings.get(name)
        )
        raise app.UsageError(
            f"{folder} must be used with the settings that it was begun with. Received "
            f"others: {', '.join(names)}. {file} has the former. Choose another folder "
            "for the new ones."
        )
