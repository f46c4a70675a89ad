"""A folder's results are never taken for those of other settings."""

import pytest
from absl import app

from keras_mocogan.cli import kept_settings

pytestmark = pytest.mark.once


def test_a_folder_keeps_the_settings_that_it_was_begun_with(tmp_path):
    folder = tmp_path / "new" / "run"
    kept_settings.keep(folder, {"size": (64, 96), "steps": 10})
    kept_settings.keep(folder, {"steps": 10, "size": [64, 96]})
    said = "others: colors, steps. .*settings.json has the former. Choose another"
    with pytest.raises(app.UsageError, match=said):
        kept_settings.keep(folder, {"size": (64, 96), "steps": 20, "colors": 2})
    kept_settings.keep(folder, {"size": (64, 96), "steps": 10})
