#!/usr/bin/env bash
# Trains a small MoCoGAN on drawn people and shows what it learned.
#
#   bash tools/quickstart.sh                     some nine minutes on two CPU cores
#   bash tools/quickstart.sh --steps=4000        flags are passed on to train_mocogan.py
#   bash tools/quickstart.sh --resume            goes on with a training that was stopped
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

make_environment tensorflow
cd "$ROOT"
run=runs/quickstart
begins=1
for flag in "$@"; do
    case "$flag" in
    --run_dir | --run_dir=* | -run_dir | -run_dir=*)
        fail "the quick start trains in $run: leave out --run_dir."
        ;;
    --resume* | -resume* | --help* | -help* | -h | '-?') begins= ;;
    esac
done
if [[ -n "$begins" && -e "$run/checkpoints" ]]; then
    # Not removed: it may be a training that was stopped, and a flag mistyped.
    rm -rf "$run-before"
    mv "$run" "$run-before"
    echo "The earlier quick start is in $run-before now."
fi

"$VENV_PYTHON" examples/train_mocogan.py --dataset=figures --run_dir="$run" \
    --recipe=modern --image_size=32 --clip_frames=8 --video_discriminator_levels=3 \
    --palette_size=16 --steps=2800 --steps_per_epoch=200 "$@"
"$VENV_PYTHON" tools/measure_figures.py --model="$run/model.keras"
"$VENV_PYTHON" examples/generate_videos.py --model="$run/model.keras" \
    --output_dir="$run" --contents=8 --scale=2 --seed=1
echo "Open $ROOT/$run/videos.gif"
