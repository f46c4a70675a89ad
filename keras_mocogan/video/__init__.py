"""Videos to look at: value ranges, grids, GIF and MP4 files.

Nothing here knows about models or data sets.
"""

from keras_mocogan.video.frames import make_grid, to_uint8
from keras_mocogan.video.gif import write_gif
from keras_mocogan.video.mp4 import write_mp4
