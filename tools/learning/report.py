"""The table and the pictures of a comparison."""

import json

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

COLUMNS = {
    "direction": ("direction", "{:.2f}"),
    "mcs": ("MCS", "{:.2f}"),
    "bright_area": ("bright", "{:.2f}"),
    "object_share": ("object", "{:.2f}"),
    "spread": ("spread", "{:.0f}"),
    "acd": ("ACD", "{:.0f}"),
    "kernel_distance": ("kernel", "{:.3f}"),
    "category_accuracy": ("Q", "{:.2f}"),
    "image_discriminator_loss": ("D_I's loss", "{:.2f}"),
    "video_discriminator_loss": ("D_V's loss", "{:.2f}"),
    "generator_loss": ("G's loss", "{:.1f}"),
}
_CURVES = ("direction", "bright_area", "kernel_distance", "acd")


def write(folder, names):
    """Writes `table.md`, `curves.png` and `samples.png` for a folder of trainings."""
    found = {name: _read(folder, name) for name in names}
    (folder / "table.md").write_text(table(found))
    draw_curves(folder / "curves.png", found)
    draw_samples(folder / "samples.png", folder, found)


def _read(folder, name):
    """`{seed: rows}` of a variant."""
    rows = {}
    for path in folder.glob(f"{name}-*/rows.json"):
        seed = path.parent.name.removeprefix(f"{name}-")
        if seed.isdigit():  # otherwise a variant whose name begins the same
            rows[int(seed)] = json.loads(path.read_text())
    return dict(sorted(rows.items()))


def common_steps(seeds):
    """The steps that were measured with all seeds, sorted."""
    if not seeds:
        return []
    return sorted(set.intersection(*({r["step"] for r in s} for s in seeds.values())))


def table(found):
    """Markdown: a row for each variant at its last common step, a value per seed."""
    lines = ["| | steps | " + " | ".join(title for title, _ in COLUMNS.values()) + " |"]
    lines.append("|---" * (len(COLUMNS) + 2) + "|")
    for name, seeds in found.items():
        steps = common_steps(seeds)
        if not steps:
            continue
        last = steps[-1]
        rows = [row for rows in seeds.values() for row in rows if row["step"] == last]
        cells = [
            ", ".join(form.format(row[key]) if key in row else "-" for row in rows)
            for key, (_, form) in COLUMNS.items()
        ]
        lines.append("| " + " | ".join([_title(name), f"{last:,}", *cells]) + " |")
    return "\n".join(lines) + "\n"


def draw_curves(path, found):
    """The main measures over the steps: the median of the seeds and their range."""
    figure, axes = plt.subplots(1, len(_CURVES), figsize=(4 * len(_CURVES), 3.4))
    for ax, key in zip(axes, _CURVES, strict=True):
        for name, seeds in found.items():
            steps = common_steps(seeds)
            if not steps:
                continue
            values = np.array(
                [
                    [row[key] for row in rows if row["step"] in steps]
                    for rows in seeds.values()
                ]
            )
            (line,) = ax.plot(steps, np.median(values, 0), label=_title(name))
            ax.fill_between(
                steps, values.min(0), values.max(0), color=line.get_color(), alpha=0.15
            )
        ax.set_title(COLUMNS[key][0])
        ax.set_xlabel("steps")
        ax.grid(alpha=0.3)
    axes[0].legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)


def draw_samples(path, folder, found):
    """Draws the last clips of each training, one row for each."""
    shown = [
        (f"{_title(name)}, seed {seed}", rows[-1]["step"], folder / f"{name}-{seed}")
        for name, seeds in found.items()
        for seed, rows in seeds.items()
    ]
    size = (15, 0.95 * len(shown))
    figure, axes = plt.subplots(len(shown), 1, figsize=size, squeeze=False)
    for ax, (title, step, place) in zip(axes[:, 0], shown, strict=True):
        ax.imshow(np.asarray(Image.open(place / f"clips-{step}.png")))
        ax.set_title(f"{title}, {step:,} steps", fontsize=8, loc="left", pad=2)
        ax.axis("off")
    figure.tight_layout(pad=0.4)
    figure.savefig(path, dpi=110)
    plt.close(figure)


def _title(name):
    return name.replace("_", " ")
