"""Makes video files that mislead, and decodes files plainly to compare with."""

import hashlib

import av
import numpy as np
from av import error

# Two pictures between two that are decoded before them; no others.
B_PICTURES = "bframes=2:b-adapt=0:b-pyramid=none:scenecut=0"


def moving_frames(height=64, width=64):
    """40 frames of noise that moves and brightens: no two are the same."""
    noise = np.random.default_rng(0).integers(0, 60, (height, width, 3))
    return np.uint8([np.roll(noise, 3 * k, axis=1) + 4 * k for k in range(40)])


def write(path, codec, frames=None, gop=10, pix_fmt="yuv420p", **options):
    """Writes frames, `moving_frames` by default, with a keyframe every `gop`."""
    if frames is None:
        frames = moving_frames(*((144, 176) if codec == "h263" else (64, 64)))
    options = {"g": str(gop)} | {k.replace("_", "-"): v for k, v in options.items()}
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25, options=options)
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt, stream.bit_rate = pix_fmt, 500_000
        for frame in frames:
            picture = av.VideoFrame.from_ndarray(frame, format="rgb24")
            container.mux(stream.encode(picture))
        container.mux(stream.encode())


def rewrite(path, edit):
    """Puts `edit(number, content)` in place of each packet; `None` leaves it out."""
    source = path.rename(path.with_name(f"source-{path.name}"))
    with av.open(str(source)) as old, av.open(str(path), "w") as new:
        stream = new.add_stream_from_template(old.streams.video[0])
        for number, packet in enumerate(old.demux(video=0)):
            content = edit(number, bytes(packet)) if packet.size else None
            if content is not None:
                copy = av.Packet(content)
                copy.pts, copy.dts, copy.duration = (
                    packet.pts,
                    packet.dts,
                    packet.duration,
                )
                copy.time_base, copy.stream = packet.time_base, stream
                copy.is_keyframe = packet.is_keyframe
                new.mux(copy)
    source.unlink()


def start_late(path, num_frames):
    """Has an MP4's edit list leave out the first frames, in the middle of a group."""
    source = path.rename(path.with_name(f"source-{path.name}"))
    settings = {"use_editlist": "1", "avoid_negative_ts": "disabled"}
    with av.open(str(source)) as old, av.open(str(path), "w", options=settings) as new:
        stream = new.add_stream_from_template(old.streams.video[0])
        for packet in old.demux(video=0):
            if packet.size:
                shift = num_frames * packet.duration
                packet.pts, packet.dts = packet.pts - shift, packet.dts - shift
                packet.stream = stream
                new.mux(packet)
    source.unlink()


def spoil(path, number):
    """Overwrites one packet with ones."""
    rewrite(path, lambda n, c: b"\xff" * len(c) if n == number else c)


def cut_start(path, count):
    """Leaves out the first packets."""
    rewrite(path, lambda n, content: None if n < count else content)


def call_all_keyframes(path):
    """Takes the table of keyframes out of an MP4: without one, all count as such."""
    content = path.read_bytes()
    assert content.count(b"stss") == 1
    path.write_bytes(content.replace(b"stss", b"free"))


def move_keyframes(path, by):
    """Has an MP4's table of keyframes name pictures that come later, but for one."""
    content = bytearray(path.read_bytes())
    table = content.index(b"stss") + 12
    for place in range(table + 4, table + 4 * content[table - 1], 4):
        content[place + 3] += by
    path.write_bytes(content)


def claim_old_encoder(path):
    """Has x264's note in the first packet name a version from before 151."""
    content = path.read_bytes()
    place = content.index(b"x264 - core ") + len("x264 - core ")
    path.write_bytes(content[:place] + b"150" + content[place + 3 :])


def decode_plainly(path):
    """Digests of a file's frames, decoded from its start; damage is passed over."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        digests = []
        for packet in container.demux(stream):
            try:
                pictures = packet.decode()
            except error.InvalidDataError:
                continue
            digests += [digest(p.to_ndarray(format="rgb24")) for p in pictures]
        return digests


def digest(frame):
    return hashlib.sha256(np.ascontiguousarray(frame)).hexdigest()[:8]


def windows(path, clip_frames=4):
    """Digests of all windows that can be read: `{start: [...]}`."""
    from keras_mocogan.data.video_files import reading as videos

    found = {}
    for start in range(videos.count_frames(str(path)) - clip_frames + 1):
        numbers = range(start, start + clip_frames)
        try:
            frames = list(videos.read_frames(str(path), numbers, 3))
        except ValueError:  # Some of them are lost.
            continue
        found[start] = [digest(frame) for frame in frames]
    return found


def assert_windows_are_plain(path, clip_frames=4):
    """All windows can be read, and are what a plain decode gives."""
    plain = decode_plainly(path)
    assert len(plain) > clip_frames
    assert windows(path, clip_frames) == {
        start: plain[start : start + clip_frames]
        for start in range(len(plain) - clip_frames + 1)
    }


def hide_vp9(content):
    """A VP9 keyframe that is decoded and not shown."""
    return bytes([content[0] & ~0x02]) + content[1:]


def hide_in_place(path, number):
    """Hides a VP9 keyframe in its file: writers join such a packet to the next."""
    with av.open(str(path)) as container:
        packets = [bytes(packet) for packet in container.demux(video=0)]
    content = path.read_bytes()
    assert content.count(packets[number]) == 1
    path.write_bytes(content.replace(packets[number], hide_vp9(packets[number])))


# A VP9 frame that shows the first of the frames that are kept.
SHOW_KEPT_VP9 = b"\x88"


def superframe_vp9(*frames):
    """Several VP9 frames in one packet."""
    marker = bytes([0b11001000 | (len(frames) - 1)])
    sizes = b"".join(len(frame).to_bytes(2, "little") for frame in frames)
    return b"".join(frames) + marker + sizes + marker


def pack_b_pictures(path):
    """Puts an MPEG-4 B-picture in the packet before, as DivX does in AVI.

    A picture that is not coded takes its place.
    """
    with av.open(str(path)) as container:
        packets = [bytes(p) for p in container.demux(video=0) if p.size]
    start = b"\0\0\1\xb6"
    pictures = [content[content.index(start) :] for content in packets]
    for number, picture in enumerate(pictures):
        if picture[4] >> 6 == 2:
            packets[number - 1] += picture
            packets[number] = not_coded_mpeg4(picture)
    # The decoder goes by the writer's name.
    packets[0] = packets[0].replace(start, b"\0\0\1\xb2DivX503b1393p" + start, 1)
    rewrite(path, lambda number, content: packets[number])


def not_coded_mpeg4(content):
    """An MPEG-4 picture of the same time that says only that it is not coded."""
    bits = "".join(f"{byte:08b}" for byte in content[4:12])
    # After the picture's type come the seconds, a one each, and a zero.
    place = bits.index("0", 2) + 1
    # A marker, the fraction of a second in five bits at 25 frames, and a marker.
    bits = bits[: place + 7] + "0" + "0"
    bits += "1" * (-len(bits) % 8)
    return content[:4] + int(bits, 2).to_bytes(len(bits) // 8, "big")
