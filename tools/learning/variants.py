"""The file that says what is compared.

    {"data": {"source": "clips", "image_size": 64, "clip_frames": 16, "frame_stride": 2,
              "batch_size": 8, "directions": ["up", "left"], "steps": 1000,
              "every": 200},
     "all": {"model": {"num_classes": 2}, "compile": {}},
     "variants": {"ours": {},
                  "noise": {"model": {"image_discriminator": {"instance_noise": 0.1}}},
                  "plain": {"peer": {"size": 64, "filters": 16, "sigma": 0.1,
                                     "num_classes": 2}}}}

`"source"` is a folder of clips, relative to the file, or `"shapes"` for
`km.data.shape_motion`. `"directions"` are the ways that the classes move.

A variant is a `km.MoCoGAN` with the arguments in `"model"`, compiled with those in
`"compile"`; both are merged over those in `"all"`. `"recipe"` names a recipe, and then
they are changes of it; its rates must not decay. `"changes"` names functions in
`changes.py` that change the model, and `"environment"` sets variables. With `"peer"` it
is the model of `peer_torch.py` instead.
"""

import json

from absl import app

from keras_mocogan.recipes.recipe import merge

_DATA = {
    "image_size",
    "clip_frames",
    "frame_stride",
    "batch_size",
    "directions",
    "steps",
    "every",
    "source",
}
_VARIANT = {
    "model",
    "compile",
    "changes",
    "environment",
    "peer",
    "shares_frames",
    "recipe",
}


def read(path):
    """Returns the data's dictionary and that of the variants, by name.

    Raises:
        app.UsageError: If the file is not as described above.
    """
    content = json.loads(path.read_text())
    data, variants = content["data"], content["variants"]
    if set(data) != _DATA:
        raise app.UsageError(
            f'{path}: "data" must hold {sorted(_DATA)}. Received: {sorted(data)}.'
        )
    if data["source"] != "shapes":
        data["source"] = str((path.parent / data["source"]).resolve())
    common = content.get("all", {})
    return data, {
        name: _complete(path, name, variant, common)
        for name, variant in variants.items()
    }


def _complete(path, name, variant, common):
    if set(variant) - _VARIANT:
        raise app.UsageError(
            f"{path}: the variant {name!r} must hold some of {sorted(_VARIANT)}. "
            f"Received: {sorted(variant)}."
        )
    if "peer" in variant:
        return variant
    parts = {
        part: merge(common.get(part, {}), variant.get(part, {}))
        for part in ("model", "compile", "environment")
    }
    return {**variant, **parts}
