"""`python -m keras_mocogan.cli`, the same as `keras-mocogan`."""

import sys

from keras_mocogan.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
