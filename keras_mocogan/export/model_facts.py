"""What has to be known of a model to draw its latents: sizes, classes, lengths."""

import dataclasses
import json
from pathlib import Path
from typing import Any

# Where a SavedModel keeps files that TensorFlow itself does not read.
_FILE = Path("assets.extra") / "model.json"


@dataclasses.dataclass(frozen=True)
class ModelFacts:
    """Sizes of a model that makes clips.

    Attributes:
        num_frames: Frames of a video unless another number is asked for.
        frame_shape: Height, width and channels.
        num_classes: Number of classes, 0 without.
        category_input: Where the class goes in: `"motion"`, `"frame"` or `"latent"`;
            None without classes.
        sizes: Sizes of the latents by name: `content_dim`, `motion_dim` and
            `noise_dim`, or `latent_dim`.
        latent_distribution: Of `latent`: `"normal"` or `"uniform"`.
    """

    num_frames: int
    frame_shape: tuple[int, int, int]
    num_classes: int
    category_input: str | None
    sizes: dict[str, int]
    latent_distribution: str = "normal"

    @property
    def has_motion(self) -> bool:
        """Whether motion and content are separate, and any length can be made."""
        return "motion_dim" in self.sizes


def facts_of(model: Any) -> ModelFacts:
    """The facts of a `MoCoGAN`, `VGAN` or `TGAN`."""
    shape, classes = tuple(model.frame_shape()), model.num_classes
    if hasattr(model, "sample_motion"):
        names = ("content_dim", "motion_dim", "noise_dim")
        sizes = {name: getattr(model, name) for name in names}
        category = model.category_input if classes else None
        return ModelFacts(model.num_frames, shape, classes, category, sizes)
    return ModelFacts(
        model.clip_frames,
        shape,
        classes,
        "latent" if classes else None,
        {"latent_dim": model.latent_dim},
        model.latent_distribution,
    )


def write_facts(facts: ModelFacts, folder: Path) -> None:
    """Writes facts into the folder of a SavedModel."""
    path = Path(folder) / _FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(dataclasses.asdict(facts), indent=2) + "\n", "utf-8")


def read_facts(folder: Path) -> ModelFacts:
    """The facts of a SavedModel.

    Raises:
        ValueError: If it has none.
    """
    path = Path(folder) / _FILE
    if not path.is_file():
        raise ValueError(
            "`model` must be a folder that `export_saved_model` wrote. Received: "
            f"{folder}, which lacks {_FILE}. Older exports lack it too: export the "
            "model again."
        )
    values = json.loads(path.read_text("utf-8"))
    return ModelFacts(**values | {"frame_shape": tuple(values["frame_shape"])})
