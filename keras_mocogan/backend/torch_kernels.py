"""Fast operations on PyTorch: channels last without copies, and fused operations."""

import keras
import torch
from keras.src.backend.torch.core import get_device
from torch.nn import functional

from keras_mocogan.backend.torch_processes import moments
from keras_mocogan.utils import processes

# oneDNN runs strided and depthwise convolutions and their gradients well.
SLOW_STRIDES = False
SLOW_DEPTHWISE = False


def on_cpu():
    """Whether convolutions run on the CPU."""
    return get_device() == "cpu"


def convolve(x, kernel, strides, pads):
    """A convolution of padded `x`; see `kernels`."""
    before = [low for low, _ in pads]
    if any(low != high for low, high in pads):
        flat = [w for low, high in reversed(pads) for w in (low, high)]
        x, before = functional.pad(x, (0, 0, *flat)), [0] * len(pads)
    convolution = functional.conv2d if len(pads) == 2 else functional.conv3d
    # These are views: tensors stay channels last, and nothing is copied.
    kernel = kernel.permute(-1, -2, *range(len(pads)))
    if not _has_onednn(x):
        kernel = kernel.contiguous()  # PyTorch's own gradient requires that
    y = convolution(x.movedim(-1, 1), kernel, None, strides, before)
    return y.movedim(1, -1)


def _has_onednn(x):
    if x.device.type != "cpu" or x.dtype == torch.float32:
        return True  # or the GPU's library
    return x.dtype == torch.bfloat16 and torch.ops.mkldnn._is_mkldnn_bf16_supported()


def convolve_transposed(x, kernel, strides):
    """A transposed convolution; see `kernels`."""
    rank = len(strides)
    padding = [(k - s) // 2 for k, s in zip(kernel.shape, strides, strict=False)]
    convolution = (
        functional.conv_transpose2d if rank == 2 else functional.conv_transpose3d
    )
    kernel = kernel.permute(-1, -2, *range(rank))
    return convolution(x.movedim(-1, 1), kernel, None, strides, padding).movedim(1, -1)


class _Product(torch.autograd.Function):
    """`a @ b` of float32 matrices by oneDNN, twice as fast as MKL on some processors.

    PyTorch offers oneDNN's product to its compiler only, without a gradient.
    """

    @staticmethod
    def forward(ctx, a, b):
        ctx.save_for_backward(a, b)
        return torch.ops.mkldnn._linear_pointwise(a, b.t(), None, "none", [], "")

    @staticmethod
    def backward(ctx, gradient):
        a, b = ctx.saved_tensors
        for_a, for_b = ctx.needs_input_grad
        return (
            _Product.apply(gradient, b.t()) if for_a else None,
            _Product.apply(a.t(), gradient) if for_b else None,
        )


_HAS_PRODUCT = torch.backends.mkldnn.is_available() and hasattr(
    torch.ops.mkldnn, "_linear_pointwise"
)


def matmul(a, b):
    """The product of two matrices."""
    if _HAS_PRODUCT and a.dtype == torch.float32 and a.device.type == "cpu":
        return _Product.apply(a, b)
    return a @ b


def pick(x, index):
    """Entries of axis 1; see `kernels`."""
    n, length = x.shape[:2]
    first = length * torch.arange(n, device=x.device)[:, None]
    rows = x.flatten(0, 1).index_select(0, (first + index).flatten())
    return rows.unflatten(0, index.shape)


def batch_norm(x, gamma, beta, epsilon):
    """Returns `(y, mean, variance)`; see `kernels`."""
    # With bfloat16 parameters the operation would give bfloat16 statistics.
    y, mean, inverse = torch.native_batch_norm(
        x.movedim(-1, 1),
        gamma.value.float(),
        beta.value.float(),
        *(None, None, True, 0.0, epsilon),
    )
    with torch.no_grad():
        variance = inverse.float() ** -2 - epsilon
    return y.movedim(1, -1), mean.detach(), variance


def has_processes():
    """Whether several processes train one model."""
    return processes.shard()[1] > 1


def batch_norm_over_processes(x, gamma, beta, epsilon):
    """Returns `(y, mean, variance)` over the rows of all processes; see `kernels`."""
    wide = x if x.dtype == torch.float64 else x.float()
    variance, mean = torch.var_mean(wide, tuple(range(x.ndim - 1)), correction=0)
    mean, variance = moments(mean, variance)
    scale = gamma.value.to(wide.dtype) * torch.rsqrt(variance + epsilon)
    y = torch.addcmul(beta.value.to(wide.dtype), wide - mean, scale)
    return y.to(x.dtype), mean.detach(), variance.detach()


def apply_batch_norm(x, mean, variance, gamma, beta, epsilon):
    """Normalizes by known statistics; see `kernels`."""
    known = [v.value.float() for v in (mean, variance, gamma, beta)]
    return functional.batch_norm(x.movedim(-1, 1), *known, eps=epsilon).movedim(1, -1)


def normal(shape, stddev, dtype, seed):
    """Gaussian noise; see `kernels`."""
    return keras.random.normal(shape, 0.0, stddev, dtype, seed)


def has_fused_adam():
    """Whether `fused_adam` can be used here; on GPUs Keras' own is fast enough."""
    return on_cpu()


def fused_adam(
    variables, gradients, means, squares, step, rate, beta_1, beta_2, epsilon
):
    """One step of Adam; see `kernels`."""
    step = float(step)
    with torch.no_grad():
        torch._fused_adam_(
            [v.value for v in variables],
            # The operation reads them in memory order, whatever their strides.
            [gradient.contiguous() for gradient in gradients],
            [m.value for m in means],
            [s.value for s in squares],
            [],
            [torch.tensor(step)] * len(variables),
            lr=float(rate),
            beta1=beta_1,
            beta2=beta_2,
            weight_decay=0.0,
            # PyTorch adds epsilon to the unbiased root, Keras to the biased one.
            eps=epsilon / (1 - beta_2**step) ** 0.5,
            amsgrad=False,
            maximize=False,
        )
