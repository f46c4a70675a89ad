"""Evaluation protocols by name: how many clips of which frames a score is made of."""

import dataclasses

from keras_mocogan.checks import check_at_least, check_choice


@dataclasses.dataclass(frozen=True)
class Protocol:
    """What has to be equal before two scores may be compared.

    Attributes:
        name: As printed with each score.
        measure: `"fvd"` or `"inception_score"`.
        frames: Frames of a clip, as the network sees it.
        stride: Distance of these frames in the video, 1 for consecutive ones.
        generated: Generated clips in a run.
        real: Real clips in a run, at most; one of each video. 0 for a measure that
            needs none.
        runs: Repetitions, each with other clips; the score is their mean.
        ddof: Covariances are divided by `clips - ddof`.
        splits: Parts of the generated clips for which an inception score is computed;
            the score is their mean.
        published_size: Side of the square frames of the published figures. Frames of
            another size give scores that cannot be compared with these.
        source: Paper, and where the settings come from.

    Example:

    ```python
    protocol = km.metrics.get_protocol("styleganv_fvd2048_128f_subsample8f")
    protocol.span  # 121: every eighth frame of so many makes 16
    print(protocol)
    ```
    """

    name: str
    measure: str
    frames: int
    stride: int
    generated: int
    real: int
    published_size: int
    source: str
    runs: int = 1
    ddof: int = 1
    splits: int = 1

    @property
    def span(self) -> int:
        """Consecutive frames that a video must have."""
        return (self.frames - 1) * self.stride + 1

    def with_clips(self, count: int) -> "Protocol":
        """The same with another number of clips, which its name then says.

        Args:
            count: Generated clips, and real ones if there are any; at least 2.

        Returns:
            A `Protocol`. The scores of other numbers of clips cannot be compared.

        Raises:
            ValueError: If `count` is no such number.
        """
        check_at_least(2, count=count)
        if count == self.generated:
            return self
        return dataclasses.replace(
            self,
            name=f"{self.name} changed to {count:,} clips",
            generated=count,
            real=count if self.real else 0,
            # Of one clip alone the score is 1, whatever it shows.
            splits=min(count // 2, self.splits),
        )

    def __str__(self) -> str:
        every = "" if self.stride == 1 else f", each {self.stride} after the last"
        parts = [f"{self.generated:,} generated clips of {self.frames} frames{every}"]
        if self.measure == "fvd":
            parts.append(f"at most {self.real:,} real ones")
            parts.append(f"covariances over N{' - 1' if self.ddof else ''}")
        else:
            parts.append(f"{self.splits} splits")
        if self.runs > 1:
            parts.append(f"mean of {self.runs} runs")
        return f"{self.name}: {', '.join(parts)}"


_STYLEGAN_V = "Skorokhodov, Tulyakov, Elhoseiny: StyleGAN-V, CVPR 2022, published code"
_DIGAN = "Yu and others: DIGAN, ICLR 2022, published code"
_TATS = "Ge and others: TATS, ECCV 2022, published code"


def _fvd(name, frames, stride, published_size, source, **others):
    return Protocol(
        name, "fvd", frames, stride, 2048, 2048, published_size, source, **others
    )


PROTOCOLS = {
    protocol.name: protocol
    for protocol in (
        _fvd("styleganv_fvd2048_16f", 16, 1, 256, _STYLEGAN_V, ddof=0),
        _fvd("styleganv_fvd2048_128f", 128, 1, 256, _STYLEGAN_V, ddof=0),
        _fvd("styleganv_fvd2048_128f_subsample8f", 16, 8, 256, _STYLEGAN_V, ddof=0),
        _fvd("digan_fvd2048_16f", 16, 1, 128, _DIGAN, runs=10),
        _fvd("tats_fvd2048_16f", 16, 1, 128, _TATS),
        Protocol(
            "styleganv_isv2048_ucf",
            "inception_score",
            frames=16,
            stride=1,
            generated=2048,
            real=0,
            published_size=256,
            source=_STYLEGAN_V,
            splits=10,
        ),
    )
}


def get_protocol(protocol: str | Protocol, measure: str | None = None) -> Protocol:
    """The protocol of a name.

    Args:
        protocol: One of the names in the page on evaluation protocols, such as
            `"styleganv_fvd2048_16f"`, or a `Protocol`, which is returned as it is.
        measure: What it must be for, `"fvd"` or `"inception_score"`; None for either.

    Returns:
        A `Protocol`.

    Raises:
        ValueError: If there is no such protocol, or it is for another measure.

    Example:

    ```python
    km.metrics.get_protocol("digan_fvd2048_16f").runs  # 10
    ```
    """
    if not isinstance(protocol, Protocol):
        names = [p.name for p in PROTOCOLS.values() if measure in (None, p.measure)]
        check_choice("protocol", protocol, names)
        return PROTOCOLS[protocol]
    if measure not in (None, protocol.measure):
        raise ValueError(
            f"`protocol` must be one for the measure {measure!r}. Received: "
            f"{protocol.name}, for {protocol.measure!r}."
        )
    return protocol
