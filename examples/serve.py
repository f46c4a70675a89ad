"""Serves an exported model: JSON lines in, GIF or MP4 files and JSON lines out.

    echo '{"seed": 1, "count": 2, "frames": 32, "class": 0}' |
        python examples/serve.py --model=exported --output_dir=served

A request has `seed` (default 0), `count` (1), `frames` (the model's own), `class`
(drawn) and `format` ("gif" or "mp4"). A bad request is answered with an error, and the
next line is read. The code is keras_mocogan/cli/serve.py, which is run here as a file:
it needs TensorFlow, NumPy, PyAV and Pillow, but neither Keras nor keras_mocogan, so a
server can do with a copy of it.
"""

import runpy
from pathlib import Path

SERVER = Path(__file__).resolve().parents[1] / "keras_mocogan" / "cli" / "serve.py"

runpy.run_path(str(SERVER), run_name=__name__)
