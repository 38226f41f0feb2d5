import numpy as np
import pytest

from recipes.refusal_direction.config_fit import FitConfig
from recipes.refusal_direction.direction_files import position_name
from recipes.refusal_direction.exchange_rows import is_refusal
from recipes.refusal_direction.rows import fold_of, turns_of
from recipes.refusal_direction.stage4_calibrate import LEVELS, by_length, matched


def test_matched_lays_the_upper_quantiles_of_one_kind_on_those_of_another():
    rng = np.random.default_rng(0)
    own, target = rng.normal(-3, 2, 4000), rng.normal(-5, 1, 4000)
    scale, bias = matched(own, target)

    np.testing.assert_allclose(np.quantile(scale * own + bias, LEVELS), np.quantile(target, LEVELS))


def test_a_threshold_flags_the_same_share_of_short_and_of_long_texts():
    rng = np.random.default_rng(1)
    lengths = rng.integers(30, 400, 6000)
    long = lengths > FitConfig().lengths[0]
    logits = np.where(long, rng.normal(-2, 2, 6000), rng.normal(-4, 1, 6000))
    pieces, mapped = by_length(FitConfig(), logits, lengths, np.ones(6000, bool))
    threshold = np.quantile(mapped, 0.99)

    assert [piece.get("upToTokens") for piece in pieces] == [*FitConfig().lengths, None]
    for kind in (long, ~long):
        assert (mapped[kind] >= threshold).mean() == pytest.approx(0.01, abs=0.002)
    # On one scale, nearly all that was flagged would have been long.
    assert (logits[~long] >= np.quantile(logits, 0.99)).mean() < 0.001


def test_places_are_spelled_as_the_direction_file_spells_them():
    assert [position_name(place) for place in (0, 1, 5, 6)] == ["last-instruction", -6, -2, "last"]


def test_a_dialogue_is_cut_at_its_speakers():
    assert turns_of("User: one\ntwo\nAssistant: three\nUser: four") == [("user", "one\ntwo"), ("assistant", "three"), ("user", "four")]


def test_a_group_lies_in_one_fold_and_pairs_are_spread():
    assert fold_of("catqa_english") == fold_of("catqa_english")
    assert {fold_of(f"twins {pair}") for pair in range(60)} == {0, 1, 2, 3, 4}


def test_refusals_are_known_by_their_opening():
    assert is_refusal(" I'm sorry, but I can't help with that.")
    assert not is_refusal("Sure, here is a list.")
