#!/usr/bin/env bash
# Trains a small MoCoGAN on moving shapes and shows what it learned.
#
#   bash tools/quickstart.sh                     about four minutes on two CPU cores
#   bash tools/quickstart.sh --steps=4000        flags go on to train_mocogan.py
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

make_environment ""
cd "$ROOT"
run=runs/quickstart
rm -rf "$run/checkpoints" # of an earlier run

"$VENV_PYTHON" examples/train_mocogan.py --dataset=shapes --run_dir="$run" \
    --image_size=32 --clip_frames=8 --generator_filters=32 --discriminator_filters=16 \
    --content_dim=16 --content_input=modulation --palette_size=2 \
    --generator_normalization=group --discriminator_normalization=none \
    --instance_noise=0 --r1_weight=10 \
    --video_discriminator_levels=3 --image_frames=3 --batch_size=8 \
    --generator_rate=2e-3 --image_discriminator_rate=1e-3 \
    --video_discriminator_rate=1e-3 --beta_1=0 --beta_2=0.99 --final_rate=0.03 \
    --averaging=0.98 --steps=3600 --steps_per_epoch=300 "$@"
"$VENV_PYTHON" tools/measure_shapes.py --model="$run/model.keras"
"$VENV_PYTHON" examples/generate_videos.py --model="$run/model.keras" \
    --output_dir="$run" --count=32 --columns=8 --grid --scale=2 --seed=1
echo "Open $ROOT/$run/videos.gif"
