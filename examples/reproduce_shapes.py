"""The paper's comparisons on moving shapes: trains, evaluates and tabulates variants.

    python examples/reproduce_shapes.py --workers=2      # hours on two CPU cores
    python examples/reproduce_shapes.py --size=full --output_dir=runs/full  # on a GPU

`full` are the papers' sizes. The variants are MoCoGAN, VGAN and TGAN as their papers
train them; the same three with the settings for short trainings (see
docs/experiments.md); MoCoGAN with these settings but without what table 4 of the paper
removes, D_I and the class in R_M; and MoCoGAN with a palette. The output directory gets
a folder for each training, `table.md` and `clips.png`. When you run the script again
with the same flags, finished trainings and evaluations are kept, and interrupted ones
go on.
"""

from absl import app, flags

from keras_mocogan.cli import study

flags.adopt_module_key_flags(study)
PAPER, SHORT = {"recipe": "paper"}, {"recipe": "short"}
# With clips of 8 frames, D_V of table 6 still judges several times and places.
TABLE_6 = {"video_discriminator_levels": 3}
MOCOGAN_SHORT = SHORT | TABLE_6
WITHOUT = {"image_discriminator": "false"}
IN_FRAME = {"category_input": "frame"}
VARIANTS = {
    "mocogan": PAPER | TABLE_6,
    "vgan": PAPER,
    "tgan": PAPER,
    "mocogan_short": MOCOGAN_SHORT,
    "vgan_short": SHORT,
    "tgan_short": SHORT,
    "mocogan_short_without_image_discriminator": MOCOGAN_SHORT | WITHOUT,
    "mocogan_short_class_in_frame": MOCOGAN_SHORT | IN_FRAME,
    "mocogan_short_without_and_in_frame": MOCOGAN_SHORT | WITHOUT | IN_FRAME,
    "mocogan_short_palette": MOCOGAN_SHORT | {"palette_size": 2},
}

if __name__ == "__main__":
    app.run(lambda _: study.run(VARIANTS))
