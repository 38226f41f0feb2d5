import numpy as np
import torch

from parapet_training.block_quantise import quantise_blocks
from parapet_training.gptq import gptq


def weight(rows=24, columns=96, seed=0):
    return np.random.default_rng(seed).normal(size=(rows, columns)).astype(np.float32)


def test_a_weight_on_the_grid_comes_back_exactly():
    levels = np.random.default_rng(1).integers(0, 16, (8, 32)).astype(np.float32)
    levels[:, 0], levels[:, 1] = 0, 15
    on_grid = (levels - 6) * 0.25

    restored = quantise_blocks(on_grid).dequantise()

    np.testing.assert_allclose(restored, on_grid, atol=1e-5)


def test_the_searched_grid_is_better_than_the_extremes():
    values = weight()
    blocks = values.reshape(-1, 32)
    scale = (blocks.max(1) - blocks.min(1)) / 15
    zero = np.clip(np.round(-blocks.min(1) / scale), 0, 15)
    plain = (np.clip(np.round(blocks / scale[:, None] + zero[:, None]), 0, 15) - zero[:, None]) * scale[:, None]

    searched = quantise_blocks(values).dequantise()

    assert ((searched - values) ** 2).sum() < ((plain - blocks) ** 2).sum()


def test_an_odd_number_of_blocks_keeps_its_zero_points():
    values = weight(columns=96) + 0.8

    packed = quantise_blocks(values)

    assert packed.zero_points.shape == (24, 2)
    assert ((packed.dequantise() - values) ** 2).mean() < 0.02


def test_gptq_changes_the_outputs_less_than_rounding_does():
    generator = np.random.default_rng(3)
    mixing = generator.normal(size=(96, 12)).astype(np.float32)
    inputs = generator.normal(size=(2000, 12)).astype(np.float32) @ mixing.T + 0.1 * generator.normal(size=(2000, 96)).astype(np.float32)
    values = weight()
    hessian = torch.from_numpy(inputs.T @ inputs)

    def output_error(restored):
        return float(((inputs @ (restored - values).T) ** 2).sum())

    assert output_error(gptq(torch.from_numpy(values), hessian).dequantise()) < 0.5 * output_error(quantise_blocks(values).dequantise())
