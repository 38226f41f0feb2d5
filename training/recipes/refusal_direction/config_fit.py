"""What is tried when the readings are fitted, and how they are calibrated."""

from dataclasses import dataclass

from recipes.refusal_direction.config_rows import RowsConfig


@dataclass(frozen=True)
class FitConfig:
    """The winner has the highest mean over folds, none of whose rows the reading saw, of AUROC and of what is found at 1 %."""

    # (places in tokens behind the instruction's last, layers, transform, method). The deepest layer decides the cost: 17 of 30 is the bar's.
    harmfulness: tuple[tuple[tuple[int, ...], tuple[int, ...], str, str], ...] = (
        ((0,), (16,), "l2", "ridge"),
        ((0,), (12, 14, 16), "l2", "ridge"),
        ((0,), (12, 14, 16), "standardise", "ridge"),
        ((0,), (12, 14, 16), "l2", "means-logistic"),
        ((0,), (12, 14, 16), "l2", "logistic-0.1"),
        ((0,), (14, 16, 17), "l2", "ridge"),
        ((0,), (8,), "l2", "ridge"),
        ((0,), (10,), "l2", "ridge"),
    )
    refusal: tuple[tuple[tuple[int, ...], tuple[int, ...], str, str], ...] = (
        ((6,), (16,), "l2", "ridge"),
        ((6,), (12, 14, 16), "l2", "ridge"),
        ((6,), (12, 14, 16), "l2", "logistic-0.1"),
        ((1, 4, 5, 6), (16,), "l2", "ridge"),
        ((1, 4, 5, 6), (16,), "l2", "logistic-0.1"),
        ((1, 4, 5, 6), (14, 16), "l2", "ridge"),
    )
    # These judge early exit, and cannot win.
    shallow: tuple[int, ...] = (8, 10)
    windows: tuple[int, ...] = (8, 24)
    token_method: str = "logistic-0.1"
    answer_window: int = 16
    direction_layer: int = 16
    # The last token count (the template's included) of each piece but the last.
    lengths: tuple[int, ...] = (96,)
    max_tokens: int = 1500
    rows: RowsConfig = RowsConfig()
    seed: int = 42
