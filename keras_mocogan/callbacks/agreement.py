"""What several processes do at the same step, whichever of them has the reason."""

import functools

import numpy as np

from keras_mocogan.utils import processes


class Agreement:
    """The largest number that any process gives, told to all of them.

    Each process must make the same calls in the same order. A process that is alone
    agrees with itself at once.
    """

    def __init__(self) -> None:
        self._pending, self._met = None, 0

    def reach(self, number):
        """Gives an integer, and returns the largest that was given a call earlier.

        A call later it has been computed, behind the step before: no one waits. The
        first call returns 0.
        """
        if processes.shard()[1] == 1:
            return number
        earlier, self._pending = self._pending, _largest(number)
        met, self._met = self._met, 0
        earlier = 0 if earlier is None else int(earlier)
        return earlier if earlier > met else 0

    def reach_now(self, number):
        """The largest of what all give to this call and gave to the one before."""
        if processes.shard()[1] == 1:
            return number
        earlier, self._pending = self._pending, None
        now = int(_largest(number))
        return now if earlier is None else max(now, int(earlier))

    def meet(self, number):
        """Tells that what all gave is done, if it was no more than `number`.

        What is on its way was asked for before it was done: it is not asked for twice.
        """
        self._met = number


def _largest(number):
    """The largest of all processes' numbers, an array that devices compute."""
    import jax

    sharding, largest = _maximum()
    mine = np.full(jax.local_device_count(), number, "int32")
    return largest(jax.make_array_from_process_local_data(sharding, mine))


@functools.cache
def _maximum():
    import jax
    from jax.sharding import NamedSharding, PartitionSpec

    devices = jax.sharding.Mesh(np.array(jax.devices()), ("devices",))
    everywhere = NamedSharding(devices, PartitionSpec())
    largest = jax.jit(jax.numpy.max, out_shardings=everywhere)
    return NamedSharding(devices, PartitionSpec("devices")), largest
