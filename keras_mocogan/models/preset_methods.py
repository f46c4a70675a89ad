"""Models from presets, and presets from models."""

import os
from typing import Any, Self

from keras_mocogan import presets


class PresetMethods:
    """What a model can do with presets: a part of `VideoGAN`.

    Attributes:
        untrained_slots: Names of the networks that came with no weights, and have not
            learned since; a tuple.
    """

    untrained_slots: tuple[str, ...] = ()

    def make_train_function(self, force=False):
        # Keras asks for it whenever training begins.
        networks = [(slot, getattr(self, slot)) for slot in self.untrained_slots]
        self.untrained_slots = tuple(
            slot
            for slot, network in networks
            if network is not None and not network.trainable_variables  # frozen
        )
        return super().make_train_function(force)

    @classmethod
    def from_preset(cls, source: str | os.PathLike[str]) -> Self:
        """A trained model: one of the package's, or any that was saved as a preset.

        It can generate at once. To go on training, compile it; if the preset has no
        discriminators, they start from random weights and need some steps to catch up.
        For other clips, see `keras_mocogan.fine_tune`. `presets.about` gives the names
        of its classes, its scores and its credits.

        Every file is compared with the checksum in `config.json`. Files hold numbers
        and names: nothing is unpickled, and no code comes with them.

        Args:
            source: `"sprites"` or `"shapes"` for `MoCoGAN`, which come with the
                package; a folder that `save_to_preset` wrote; or its URL, such as
                `"hf://user/repo"`, `"https://host/folder"` or `"s3://bucket/folder"`.
                URLs need `keras-mocogan[remote]`, and `hf://` `keras-mocogan[hub]`.

        Returns:
            The model, not compiled.

        Raises:
            ValueError: If there is no such preset, it is of another class, its files
                do not fit, or nothing installed opens the URL.
            ConnectionError: If the storage does not answer, or refuses.

        Example:

        ```python
        model = km.MoCoGAN.from_preset("shapes")
        km.video.write_gif("shapes.gif", model.generate(16, seed=1))
        ```
        """
        return presets.load(cls, source)

    def save_to_preset(
        self,
        folder: str | os.PathLike[str],
        about: dict[str, Any] | None = None,
        dtype: str = "float32",
    ) -> None:
        """Writes the model as a preset, a folder that `from_preset` reads.

        The folder gets `config.json`, a file of weights for each network, so that it
        can generate without its discriminators and go on training with them, and
        `README.md`, a model card with its picture. Networks that came with no weights
        and have not learned since have no file. Optimizers are left out: save a
        `.keras` file to go on with a training.

        Args:
            folder: A new folder or a preset's, which is replaced, or its URL.
            about: What is known of the model, plain values, any of: `"class_names"`, a
                name for each class; `"scores"`, measure -> number, or -> `{"value":
                number, "real": what real clips have}`; `"credits"`, `"command"` and
                `"license"`, text.
            dtype: `"float32"`, or `"float16"`: half of the bytes, and frames that
                differ by 1 or 2 of 255.

        Raises:
            ValueError: If the folder holds other files, `about` has something that is
                not plain or not a name for each class, or `dtype` is another.

        Example:

        ```python
        model = km.MoCoGAN.from_preset("shapes")
        model.save_to_preset("mine", about={"class_names": ["right", "down"]})
        again = km.MoCoGAN.from_preset("mine")
        ```
        """
        presets.save(self, folder, about, dtype)
