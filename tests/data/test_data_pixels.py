"""Orientation and pixel modes: honored or refused wherever a frame may come from."""

import numpy as np
import pytest
import video_files
from PIL import Image, ImageCms, TiffImagePlugin

from keras_mocogan import data
from keras_mocogan.data.readers import sources
from keras_mocogan.data.readers.layouts import list_clips

pytestmark = pytest.mark.once

ORIENTATION = 0x0112
BITS_PER_SAMPLE = 258


def frames_of(path, numbers, channels=3, layout="auto"):
    source = sources.FileSource(list_clips(str(path), layout), channels)
    return np.stack(list(source.read_frames(0, numbers)))


def stored(upright, orientation):
    """How an upright picture lies in a file with this orientation tag.

    The standard says which sides the first row and the first column show.
    """
    rows_then_columns = {
        1: lambda a: a,
        2: lambda a: a[:, ::-1],
        3: lambda a: a[::-1, ::-1],
        4: lambda a: a[::-1],
        5: lambda a: a.swapaxes(0, 1),  # first row is the left side, column the top
        6: lambda a: a[:, ::-1].swapaxes(0, 1),  # the right side, the top
        7: lambda a: a[::-1, ::-1].swapaxes(0, 1),  # the right side, the bottom
        8: lambda a: a[::-1].swapaxes(0, 1),  # the left side, the bottom
    }
    return np.ascontiguousarray(rows_then_columns[orientation](upright))


def exif(orientation):
    tags = Image.Exif()
    tags[ORIENTATION] = orientation
    return tags


@pytest.fixture
def upright():
    """6 x 8 pixels whose corners differ."""
    picture = np.zeros((6, 8, 3), np.uint8)
    picture[:3, :4] = 250
    picture[:3, 4:] = 170
    picture[3:, :4] = 90
    return picture


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", ["png", "tif", "webp", "jpg"])
def test_numbered_frames_are_turned_upright(tmp_path, upright, orientation, suffix):
    folder = tmp_path / "clip"
    folder.mkdir()
    lossless = {"png": {}, "tif": {}, "webp": {"lossless": True}}
    options = lossless.get(suffix, {"quality": 100, "subsampling": 0})
    for number in range(2):
        picture = Image.fromarray(stored(upright, orientation))
        picture.save(folder / f"{number}.{suffix}", exif=exif(orientation), **options)
    found = frames_of(folder, [1], layout="frames")
    assert found.shape == (1, 6, 8, 3)
    error = np.abs(found[0].astype(int) - upright)
    assert error.max() <= (40 if suffix == "jpg" else 0)  # its edges ring


@pytest.mark.parametrize("orientation", [3, 6, 8])
@pytest.mark.parametrize("suffix", ["png", "webp"])
def test_animations_are_turned_upright(tmp_path, upright, orientation, suffix):
    pictures = [
        Image.fromarray(stored(frame, orientation)) for frame in (upright, upright // 2)
    ]
    pictures[0].save(
        tmp_path / f"a.{suffix}",
        save_all=True,
        append_images=pictures[1:],
        lossless=True,
        exif=exif(orientation),
    )
    found = frames_of(tmp_path / f"a.{suffix}", [0, 1])
    np.testing.assert_array_equal(found, [upright, upright // 2])


@pytest.mark.parametrize("orientation", range(1, 9))
def test_strips_are_turned_before_they_are_cut(tmp_path, orientation):
    frames = video_files.numbered_frames(5, 8, 8)
    frames[:, :4, :4] += 1  # the corner that is to be top left
    strip = np.concatenate(frames, axis=1)
    picture = Image.fromarray(stored(strip, orientation))
    picture.save(tmp_path / "a.png", exif=exif(orientation))
    source = sources.FileSource(list_clips(str(tmp_path)), 3)
    assert source.count_frames(0) == 5
    found = np.stack(list(source.read_frames(0, [1, 4])))
    np.testing.assert_array_equal(found, frames[[1, 4]])


def test_broken_metadata_do_not_matter(tmp_path, upright):
    Image.fromarray(upright).save(tmp_path / "a.png", exif=b"Exif\x00\x00not a header")
    found = frames_of(tmp_path / "a.png", [0])
    np.testing.assert_array_equal(found[0], upright)


# === Pixels ===


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("suffix", ["png", "tif", "pgm"])
def test_pictures_of_16_bits_keep_their_brightness(tmp_path, channels, suffix):
    values = np.full((2, 8), 200 * 257, np.uint16)
    Image.fromarray(values).save(tmp_path / f"a.{suffix}")
    found = frames_of(tmp_path / f"a.{suffix}", range(4), channels)
    np.testing.assert_array_equal(found, np.full((4, 2, 2, channels), 200))


def test_a_tiff_of_12_bits_keeps_its_brightness(tmp_path):
    values = np.full((2, 8), 200 * 16, np.uint16)
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    Image.fromarray(values).save(tmp_path / "a.tif", tiffinfo=tags)
    content = bytearray((tmp_path / "a.tif").read_bytes())
    # Pillow writes 16 bits: the same rows are packed to 12 by hand.
    place = content.index(BITS_PER_SAMPLE.to_bytes(2, "little") + b"\x03\x00\x01")
    content[place + 8 : place + 10] = (12).to_bytes(2, "little")
    packed = (200 * 16 * (2**12 + 1)).to_bytes(3, "big") * 8  # two pixels, 3 bytes
    start = content.index(values.tobytes())
    content[start : start + len(packed)] = packed
    counts = content.index((279).to_bytes(2, "little") + b"\x04\x00\x01")
    content[counts + 8 : counts + 12] = len(packed).to_bytes(4, "little")
    (tmp_path / "a.tif").write_bytes(content)
    with Image.open(tmp_path / "a.tif") as picture:
        assert np.asarray(picture).max() == 200 * 16  # Pillow's own view of it
    found = frames_of(tmp_path / "a.tif", range(4), 1)
    np.testing.assert_array_equal(found, np.full((4, 2, 2, 1), 200))


@pytest.mark.parametrize("dtype", ["float32", "int32"])
@pytest.mark.parametrize("value", [0.8, 40_000])
def test_numbers_without_a_known_white_are_refused(tmp_path, dtype, value, caplog):
    video_files.write_strip(tmp_path / "a.png", 5)
    values = np.full((2, 8), value).astype(dtype)
    Image.fromarray(values).save(tmp_path / "b.tif")
    (tmp_path / "clip").mkdir()
    dataset = data.video_dataset(
        [tmp_path / "a.png", tmp_path / "b.tif"],
        image_size=2,
        clip_frames=4,
        batch_size=2,
        shuffle=False,
        repeat=True,
    )
    next(iter(dataset))
    assert list(dataset.skipped) == [str(tmp_path / "b.tif")]
    assert "does not say which of them is white" in caplog.text


@pytest.mark.parametrize("mode", ["CMYK", "YCbCr", "LAB", "P", "PA", "RGBX"])
def test_other_modes_keep_their_color(tmp_path, mode):
    color = np.array([200, 100, 50])
    picture = Image.new("RGB", (8, 2), tuple(color.tolist()))
    if mode == "LAB":
        profiles = [ImageCms.createProfile(name) for name in ("sRGB", "LAB")]
        transform = ImageCms.buildTransform(*profiles, "RGB", "LAB")
        picture = ImageCms.applyTransform(picture, transform)
    elif mode == "PA":
        picture = picture.quantize(4).convert("PA")
    else:
        picture = picture.convert(mode)
    picture.save(tmp_path / "a.tif")
    found = frames_of(tmp_path / "a.tif", range(4))
    assert np.abs(found.astype(int) - color).max() <= 5


def test_pictures_of_a_phone_are_no_clips(tmp_path):
    # A JPEG with a second picture in it, such as a depth map.
    folder = tmp_path / "clip"
    folder.mkdir()
    for number, frame in enumerate(video_files.numbered_frames(4, 8, 8)):
        picture = Image.fromarray(frame)
        picture.save(
            folder / f"{number}.jpg", "MPO", save_all=True, append_images=[picture]
        )
    listing = list_clips(str(folder))
    assert listing.numbered and listing.paths == [str(folder)]
    found = frames_of(folder, range(4))
    assert video_files.frame_numbers(found) == [0, 1, 2, 3]


def test_each_page_of_a_tiff_is_checked_for_its_size(tmp_path, monkeypatch):
    from keras_mocogan.data.frames import images

    monkeypatch.setattr(images, "MAX_PIXELS", 100)
    pages = [Image.new("L", (8, 8)), Image.new("L", (16, 8))]
    pages[0].save(tmp_path / "a.tif", save_all=True, append_images=pages[1:])
    with pytest.raises(ValueError, match="claims 16x8 pixels"):
        frames_of(tmp_path / "a.tif", [0, 1])
