"""4-bit quantisation that repairs its own rounding (GPTQ, Frantar et al. 2022) on blocks of 32 inputs."""

import numpy as np
import torch

from parapet_training.block_quantise import BLOCK, LEVELS, QuantisedBlocks, search_grid

TRIES = np.linspace(0.85, 1.0, 4, dtype=np.float32)


def inverse_factor(hessian: torch.Tensor, damping: float) -> torch.Tensor:
    """Upper Cholesky factor of the inverse of float[columns, columns], damped by a share of its mean diagonal."""
    hessian = hessian.double().clone()
    dead = hessian.diagonal() == 0
    hessian[dead, dead] = 1
    hessian += torch.eye(len(hessian), dtype=torch.float64) * damping * hessian.diagonal().mean()
    inverse = torch.cholesky_inverse(torch.linalg.cholesky(hessian))
    return torch.linalg.cholesky(inverse, upper=True).float()


def gptq(weight: torch.Tensor, hessian: torch.Tensor, damping: float = 0.01) -> QuantisedBlocks:
    """Quantise float32[rows, columns] so that outputs change least on inputs with second moment `hessian`.

    Columns are rounded in order; each one's error is spread over the columns that are still to come.
    """
    rows, columns = weight.shape
    work = weight.float().clone()
    factor = inverse_factor(hessian, damping)
    levels = torch.zeros(rows, columns, dtype=torch.uint8)
    scales = torch.zeros(rows, columns // BLOCK)
    zeros = torch.zeros(rows, columns // BLOCK)
    for block in range(columns // BLOCK):
        lower, upper = block * BLOCK, (block + 1) * BLOCK
        part = work[:, lower:upper].clone()
        grid = search_grid(part.numpy(), TRIES)
        scale, zero = torch.from_numpy(grid[0]), torch.from_numpy(grid[1])
        scales[:, block], zeros[:, block] = scale, zero
        local = factor[lower:upper, lower:upper]
        errors = torch.zeros_like(part)
        for column in range(BLOCK):
            level = torch.clamp(torch.round(part[:, column] / scale + zero), 0, LEVELS)
            levels[:, lower + column] = level.to(torch.uint8)
            error = (part[:, column] - (level - zero) * scale) / local[column, column]
            part[:, column:] -= error[:, None] * local[column, column:][None]
            errors[:, column] = error
        if upper < columns:
            work[:, upper:] -= errors @ factor[lower:upper, upper:]
    return pack(levels.numpy(), scales.numpy(), zeros.numpy())


def pack(levels: np.ndarray, scales: np.ndarray, zeros: np.ndarray) -> QuantisedBlocks:
    """Nibbles of `levels` uint8[rows, columns], and whole zero points [rows, blocks], as MatMulNBits wants them."""
    rows, count = scales.shape
    pairs = levels.reshape(-1, BLOCK)
    packed = (pairs[:, 0::2] | (pairs[:, 1::2] << 4)).reshape(rows, count, BLOCK // 2)
    whole = zeros.astype(np.uint8)
    if count % 2:
        whole = np.pad(whole, ((0, 0), (0, 1)))
    return QuantisedBlocks(packed, np.ascontiguousarray(scales, dtype=np.float32), whole[:, 0::2] | (whole[:, 1::2] << 4))
