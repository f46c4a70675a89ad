"""The blur of images: the binomial filter, and no checkerboard after it."""

import numpy as np
import pytest
from keras import ops

from keras_mocogan.backend import kernels
from keras_mocogan.layers.blur import Blur


@pytest.fixture(params=[True, False], ids=["sums", "depthwise"])
def blur(request, monkeypatch):
    monkeypatch.setattr(kernels, "SLOW_DEPTHWISE", request.param)
    return Blur()


def test_each_pixel_is_weighed_with_its_neighbors(blur):
    image = np.zeros((1, 5, 4, 2), "float32")
    image[0, 2, 1] = 16, 32
    image[0, 4, 3] = 0, 16  # a corner: what would lie outside is lost
    wanted = np.zeros((1, 5, 4, 2), "float32")
    spot = np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]])
    wanted[0, 1:4, 0:3] = spot[..., None] * [1, 2]
    wanted[0, 3:5, 2:4, 1] += spot[:2, :2]
    np.testing.assert_allclose(ops.convert_to_numpy(blur(image)), wanted, atol=1e-5)


def test_a_checkerboard_vanishes_but_for_the_corners(blur):
    board = np.indices((6, 6)).sum(0) % 2 * 2.0 - 1
    blurred = ops.convert_to_numpy(blur(board[None, :, :, None].astype("float32")))
    wanted = np.zeros((6, 6))
    # Along each axis 2/4 of the corner less 1/4 of its only neighbor.
    for corner in ((0, 0), (0, 5), (5, 0), (5, 5)):
        wanted[corner] = board[corner] / 16
    np.testing.assert_allclose(blurred[0, :, :, 0], wanted, atol=1e-6)
