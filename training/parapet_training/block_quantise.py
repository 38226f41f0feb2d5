"""4-bit block quantisation for MatMulNBits, with the grid of each block searched instead of taken from its extremes."""

from dataclasses import dataclass

import numpy as np

BLOCK = 32
LEVELS = 15


@dataclass(frozen=True)
class QuantisedBlocks:
    """`packed` uint8[rows, blocks, 16] (low nibble first), `scales` float32[rows, blocks], `zero_points` uint8[rows, ceil(blocks / 2)]."""

    packed: np.ndarray
    scales: np.ndarray
    zero_points: np.ndarray

    def dequantise(self) -> np.ndarray:
        """float32[rows, blocks * 32]."""
        low, high = self.packed & 15, self.packed >> 4
        levels = np.stack([low, high], axis=-1).reshape(*self.packed.shape[:2], BLOCK).astype(np.float32)
        zero = np.stack([self.zero_points & 15, self.zero_points >> 4], axis=-1)
        zero = zero.reshape(self.zero_points.shape[0], -1)[:, : self.scales.shape[1]].astype(np.float32)
        return ((levels - zero[..., None]) * self.scales[..., None]).reshape(self.packed.shape[0], -1)


def search_grid(blocks: np.ndarray, shrinks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Best scale and whole zero point of each block by squared error.

    `blocks` float32[n, 32]; `shrinks` factors tried on the range. Each try fixes the levels, then refits
    the scale to them by least squares. Returns scale float32[n] and zero point float32[n] in 0..15.
    """
    low = np.minimum(blocks.min(axis=1), 0.0)
    high = np.maximum(blocks.max(axis=1), 0.0)
    raw_low, raw_high = blocks.min(axis=1), blocks.max(axis=1)
    best_error = np.full(len(blocks), np.inf, dtype=np.float32)
    best_scale = np.ones(len(blocks), dtype=np.float32)
    best_zero = np.zeros(len(blocks), dtype=np.float32)
    candidates = [(low * f, high * f) for f in shrinks] + [(raw_low * f, raw_high * f) for f in shrinks]
    for lower, upper in candidates:
        scale = np.maximum((upper - lower) / LEVELS, 1e-12)
        for offset in (-0.5, 0.0, 0.5):
            zero = np.clip(np.round(-lower / scale + offset), 0, LEVELS)
            fitted = scale
            for _ in range(2):
                steps = np.clip(np.round(blocks / fitted[:, None] + zero[:, None]), 0, LEVELS) - zero[:, None]
                fitted = (blocks * steps).sum(1) / np.maximum((steps * steps).sum(1), 1e-12)
                fitted = np.where(fitted > 1e-12, fitted, scale).astype(np.float32)
            steps = np.clip(np.round(blocks / fitted[:, None] + zero[:, None]), 0, LEVELS) - zero[:, None]
            error = ((blocks - steps * fitted[:, None]) ** 2).sum(1)
            better = error < best_error
            best_error = np.where(better, error, best_error)
            best_scale = np.where(better, fitted, best_scale)
            best_zero = np.where(better, zero, best_zero)
    return best_scale.astype(np.float32), best_zero.astype(np.float32)


def quantise_blocks(weight: np.ndarray, shrinks: np.ndarray | None = None, chunk: int = 1 << 16) -> QuantisedBlocks:
    """Quantise float32[rows, columns]; columns must be a multiple of 32."""
    rows, columns = weight.shape
    if columns % BLOCK:
        raise ValueError(f"{columns} columns are not a multiple of {BLOCK}")
    tries = np.linspace(0.8, 1.04, 9, dtype=np.float32) if shrinks is None else shrinks
    flat = np.ascontiguousarray(weight, dtype=np.float32).reshape(-1, BLOCK)
    parts = [search_grid(flat[i : i + chunk], tries) for i in range(0, len(flat), chunk)]
    scale = np.concatenate([p[0] for p in parts])
    zero = np.concatenate([p[1] for p in parts])
    levels = np.clip(np.round(flat / scale[:, None] + zero[:, None]), 0, LEVELS).astype(np.uint8)
    count = columns // BLOCK
    packed = (levels[:, 0::2] | (levels[:, 1::2] << 4)).reshape(rows, count, BLOCK // 2)
    zeros = zero.astype(np.uint8).reshape(rows, count)
    if count % 2:
        zeros = np.pad(zeros, ((0, 0), (0, 1)))
    return QuantisedBlocks(packed, scale.reshape(rows, count), zeros[:, 0::2] | (zeros[:, 1::2] << 4))
