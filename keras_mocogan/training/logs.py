"""What a training step logs."""

import keras

from keras_mocogan.networks.image_discriminator import recovers_content


class StepLogs:
    """Running means of the losses and shares of each phase, for an adversarial model.

    A mix-in for a `keras.Model` that holds `clip_spec`, `image_discriminator`,
    `video_discriminator` and `image_encoder` (any of the networks may be None), and
    keeps what `_make_means` gives as `_means` when it is compiled.
    """

    def _make_means(self):
        names = ["loss"]
        for kind, network in self._kinds().items():
            if network is not None:
                names += [
                    f"{kind}_discriminator_loss",
                    f"{kind}_real_accuracy",
                    f"{kind}_fake_accuracy",
                ]
        names.append("generator_loss")
        if self.clip_spec.num_classes:
            names.append("category_accuracy")
        if recovers_content(self.image_discriminator):
            names.append("content_error")
        if self.image_encoder is not None:
            names.append("reconstruction_error")
        return {name: keras.metrics.Mean(name) for name in names}

    def _kinds(self):
        return {"image": self.image_discriminator, "video": self.video_discriminator}

    def _update_means(self, phase, loss, metrics):
        self._means[f"{phase}_loss"].update_state(loss)
        for name, value in metrics.items():
            self._means[name].update_state(value)

    @property
    def metrics(self):
        # Without the stock loss tracker, which would log a `loss` of zero.
        return list(self._means.values()) if self.compiled else []
