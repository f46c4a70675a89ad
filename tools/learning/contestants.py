"""The contestants that learn: a model of this package, or the plain PyTorch peer."""

import numpy as np


class Package:
    """A `km.MoCoGAN`, made, changed and compiled as a variant says.

    Args:
        variant: Dictionary with `"model"` and `"compile"`, keyword arguments,
            `"recipe"`, the name of one that they change, and `"changes"`, names of
            functions in `changes`.
        seed: Seed of weights and noise.
        state: `Path` of an earlier `save`, or None to begin.
    """

    suffix = "keras"

    def __init__(self, variant, seed, state):
        import keras

        import keras_mocogan as km
        from learning import changes, raw_weights

        self._raw_weights = raw_weights.RawWeights
        self._save = km.callbacks.save_atomically
        self._averaged = km.callbacks.ema_weights
        if state is not None:
            self.model = keras.models.load_model(state)
        else:
            self.model = self._make(km, seed, **variant)
            for name in variant.get("changes", []):
                getattr(changes, name)(self.model)

    @staticmethod
    def _make(km, seed, model=(), compile=(), recipe=None, **_):
        if recipe is not None:
            changes = {"arguments": dict(model, seed=seed), "compile": dict(compile)}
            known = km.recipes.get("MoCoGAN", recipe)
            return km.MoCoGAN.by_recipe(known.with_changes(**changes))
        made = km.MoCoGAN(seed=seed, **dict(model))
        made.compile(**dict(compile))
        return made

    @property
    def step(self):
        return self.model.global_step

    def train(self, clips, frames, steps):
        """Makes `steps` steps and returns the logs' means over them."""
        history = self.model.fit(
            clips, steps_per_epoch=steps, verbose=0, callbacks=[self._raw_weights()]
        )
        return {name: values[0] for name, values in history.history.items()}

    def generate(self, labels, num_frames):
        """Videos with the weights that a user would get: averages, if there are any."""
        with self._averaged(self.model):
            return self.model.generate(
                len(labels), num_frames=num_frames, labels=labels, seed=0
            )

    def save(self, path):
        self._save(self.model, path)


class Peer:
    """`peer_torch.Peer`; arguments as for `Package`, with `"peer"` for `"model"`."""

    suffix = "pt"

    def __init__(self, variant, seed, state):
        import torch
        from peer_torch import Peer

        self._torch = torch
        self.shares_frames = variant.get("shares_frames", False)
        self.peer = Peer(seed=seed, **variant["peer"])
        self.step = 0
        if state is not None:
            saved = torch.load(state, weights_only=False)
            self.step = saved["step"]
            for part, values in zip(self._parts(), saved["parts"], strict=True):
                part.load_state_dict(values)
            torch.set_rng_state(saved["random"])

    def _parts(self):
        return [*self.peer.networks(), *self.peer.optimizers]

    def train(self, clips, frames, steps):
        batches = zip(range(steps), clips, frames, strict=False)
        rows = [
            self.train_step(videos, labels, None if self.shares_frames else images)
            for _, (videos, labels), (images, _) in batches
        ]
        means = np.mean(rows, axis=0)
        names = ("image_discriminator_loss", "video_discriminator_loss")
        names += ("generator_loss", "category_accuracy")
        return dict(zip(names, map(float, means), strict=True))

    def train_step(self, videos, labels, images=None):
        """One step; its losses. None for images takes a frame from each video."""
        images = None if images is None else self._scaled(images)[:, :, 0]
        labels = self._torch.from_numpy(np.asarray(labels, "int64"))
        self.step += 1
        return self.peer.step(self._scaled(videos), labels, images)

    def _scaled(self, videos):
        """uint8, channels last, as float in [-1, 1], channels before the frames."""
        videos = np.asarray(videos)
        videos = self._torch.from_numpy(np.moveaxis(videos, -1, 1).astype("float32"))
        return (videos / 127.5 - 1).contiguous()

    def generate(self, labels, num_frames):
        state = self._torch.get_rng_state()
        self._torch.manual_seed(0)
        videos = self.peer.sample(
            len(labels), num_frames, self._torch.from_numpy(labels)
        )
        self._torch.set_rng_state(state)
        return videos

    def save(self, path):
        from keras_mocogan.utils.files import replacing

        saved = {
            "step": self.step,
            "parts": [part.state_dict() for part in self._parts()],
            "random": self._torch.get_rng_state(),
        }
        with replacing(path) as temporary:
            self._torch.save(saved, temporary)
