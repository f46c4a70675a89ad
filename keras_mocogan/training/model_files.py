"""What a model writes to its files, and the forms in which it is saved."""

import re
from typing import Any, NoReturn

import keras
import numpy as np

from keras_mocogan.layers.seeds import load_seed_state, save_seed_state
from keras_mocogan.utils.files import replacing
from keras_mocogan.utils.remote.remote_path import is_url


class ModelFiles:
    """Saving and loading: a part of `AdversarialTrainer`.

    The model has `seed_generator`, `metrics` and `clip_spec`.
    """

    # The model's own variables are the state of its noise and the running means of the
    # epoch: a run may go on in the middle of one.

    def save_own_variables(self, store):
        save_seed_state(self.seed_generator, store)
        for mean in self.metrics:
            values = map(keras.ops.convert_to_numpy, mean.variables)
            store[f"mean_{mean.name}"] = np.array(list(values))

    def load_own_variables(self, store):
        load_seed_state(self.seed_generator, store)
        for mean in self.metrics:
            if f"mean_{mean.name}" in store.keys():  # not in a file of weights alone
                values = np.asarray(store[f"mean_{mean.name}"])
                for variable, value in zip(mean.variables, values, strict=True):
                    variable.assign(value)

    def save(
        self,
        filepath: Any,
        overwrite: bool = True,
        zipped: bool | None = None,
        **kwargs: Any,
    ) -> None:
        """Saves the whole model as a `.keras` file, as `keras.Model.save` does.

        The file may be at a URL; `keras_mocogan.load_model` loads it from there.

        Raises:
            ValueError: If the name has another suffix.
        """
        name = str(filepath)
        if zipped is not False and not name.endswith(".keras"):
            stem = re.sub(r"(\.weights)?\.(h5|hdf5|tf)$", "", name)
            raise ValueError(
                f"A whole model is saved as a `.keras` file. Received: {name!r}. Call "
                f"`model.save({stem + '.keras'!r})`; weights alone are saved by "
                f"`model.save_weights({stem + '.weights.h5'!r})`."
            )
        options = {"overwrite": overwrite, "zipped": zipped, **kwargs}
        if not is_url(name) or not name.endswith(".keras"):
            return super().save(filepath, **options)
        with replacing(name) as file:
            return super().save(file, **options)

    def export(self, filepath: Any, *args: Any, **kwargs: Any) -> NoReturn:
        """Not offered: see `keras_mocogan.export_saved_model`.

        Raises:
            ValueError: That says so.
        """
        call = f"`keras_mocogan.export_saved_model(model, {str(filepath)!r})`"
        if self.clip_spec.clip_frames == 1:  # a model of pictures
            call = f"`model.image_generator.export({str(filepath)!r})` on TensorFlow"
        elif hasattr(self, "sample_motion"):
            call += ", or `export_onnx` or `export_litert`, which write graphs"
        raise ValueError(
            "What Keras exports must generate when it is called. Received: a "
            f"{type(self).__name__}, which scores videos instead. Call {call}."
        )
