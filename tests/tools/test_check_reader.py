"""The tool that compares the reader with a plain decode."""

import damaged_files
import pytest
import video_files
from absl.testing import flagsaver
from processes import ROOT, loaded_script

from keras_mocogan.data.video_files import reading as videos

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def tool():
    with loaded_script(ROOT / "tools" / "check_reader.py") as defined:
        yield defined


@pytest.fixture
def folder(tmp_path):
    """A whole video, a damaged one, one that is none, and an animation."""
    (tmp_path / "below").mkdir()
    damaged_files.write(tmp_path / "below" / "whole.mp4", "libx264")
    damaged_files.write(tmp_path / "damaged.avi", "mpeg4")
    damaged_files.spoil(tmp_path / "damaged.avi", 33)
    (tmp_path / "text.mkv").write_text("This is not a video.")
    video_files.write_animation(tmp_path / "a.gif", 5)
    return tmp_path


def run(tool, folder, capsys):
    """The tool's exit status and what it prints."""
    flags = tool["FLAGS"]
    if not flags.is_parsed():
        flags.mark_as_parsed()
    with flagsaver.flagsaver(clip_frames=4), pytest.raises(SystemExit) as ended:
        tool["main"](["check_reader.py", str(folder)])
    return ended.value.code, capsys.readouterr().out.splitlines()


def test_no_difference(tool, folder, capsys):
    status, (damaged, text, total) = run(tool, folder, capsys)
    assert damaged == f"{folder}/damaged.avi: 33 of 40 frames can be decoded"
    assert text.startswith(f"{folder}/text.mkv: cannot be read: ")
    # 37 windows of 4 in 40 frames, 30 in 33.
    assert total == "3 files, 67 windows; 0 files differ"
    assert status == 0


@pytest.mark.parametrize("fault", ["a frame too late", "a frame too few"])
def test_a_reader_that_errs_is_found_out(tool, folder, capsys, monkeypatch, fault):
    read_frames, count_frames = videos.read_frames, videos.count_frames

    def shifted(path, numbers, channels):
        if len(numbers) == 4 and numbers[0] == 30 and "whole" in path:
            numbers = [number + 1 for number in numbers]
        return read_frames(path, numbers, channels)

    if fault == "a frame too late":
        monkeypatch.setattr(videos, "read_frames", shifted)
        said = "frame 30 differs in the window at 30"
    else:
        monkeypatch.setattr(
            videos, "count_frames", lambda path: count_frames(path) - ("whole" in path)
        )
        said = "39 frames are counted, 40 exist"
    status, lines = run(tool, folder, capsys)
    assert status == 1
    assert f"{folder}/below/whole.mp4: DIFFERS: {said}" in lines
    assert lines[-1].endswith("1 files differ")
