"""BatchNorm over a batch that several processes share."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


class SharedBatchNorm(nn.modules.batchnorm._BatchNorm):
    """BatchNorm on the processor, for which PyTorch's SyncBatchNorm is not made."""

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channels, ...) -> the same shape, by the statistics of all processes' shares."""
        if not self.training:
            y: Tensor = super().forward(x)
            return y
        dims, shape = [0, *range(2, x.dim())], [1, -1, *[1] * (x.dim() - 2)]
        values = x.float()
        n = _sum(torch.tensor(float(x.numel() // x.shape[1])))
        mean = _sum(values.sum(dims)) / n
        centred = values - mean.view(shape)
        variance = _sum(centred.square().sum(dims)) / n
        self._follow(mean.detach(), variance.detach() * n / (n - 1))
        normal = centred * (variance + self.eps).rsqrt().view(shape)
        if self.affine:
            normal = normal * self.weight.view(shape) + self.bias.view(shape)
        return normal.to(x.dtype)

    def _check_input_dim(self, input: Tensor) -> None:
        """Any number of dimensions will do."""

    @torch.no_grad()
    def _follow(self, mean: Tensor, variance: Tensor) -> None:
        """Move the running statistics; without a momentum they are plain means."""
        if self.running_mean is None or self.running_var is None or self.num_batches_tracked is None:
            return
        self.num_batches_tracked += 1
        share = 1 / float(self.num_batches_tracked) if self.momentum is None else self.momentum
        self.running_mean.lerp_(mean, share)
        self.running_var.lerp_(variance, share)


def share_norms(network: nn.Module) -> nn.Module:
    """Let the BatchNorm layers of a network, which is on its device, use the shares of all processes."""
    if any(weight.is_cuda for weight in network.parameters()):
        shared: nn.Module = nn.SyncBatchNorm.convert_sync_batchnorm(network)  # type: ignore[no-untyped-call]
        return shared
    for module in network.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.__class__ = SharedBatchNorm  # the same fields, and names of weights
    return network


class _Sum(torch.autograd.Function):
    """The sum of a tensor over all processes; so is its gradient."""

    @staticmethod
    def forward(ctx: Any, own: Tensor) -> Tensor:  # noqa: ARG004
        return _summed(own)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:  # noqa: ARG004
        return _summed(gradients[0])


def _summed(own: Tensor) -> Tensor:
    total = own.detach().clone(memory_format=torch.contiguous_format)
    torch.distributed.all_reduce(total)
    return total


def _sum(own: Tensor) -> Tensor:
    """The sum over all processes, through which gradients flow back."""
    total: Tensor = _Sum.apply(own)  # type: ignore[no-untyped-call]
    return total
