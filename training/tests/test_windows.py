import pytest

from parapet_training.encoder_reading import token_windows
from recipes.text_encoder.sentiment_rows import emotions_to_sentiment
from recipes.text_encoder.stage2_train import padded


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 16, 17, 40])
def test_every_token_is_in_a_window(count):
    ids = list(range(count))

    windows = token_windows(ids, 10, 6)

    assert sorted({token for window in windows for token in window}) == ids
    assert all(len(window) <= 10 for window in windows)
    assert windows[-1][-1:] == ids[-1:]


def test_a_text_that_fits_has_one_window():
    assert token_windows([1, 2, 3], 3, 2) == [[1, 2, 3]]


@pytest.mark.parametrize(
    ("label", "expected"),
    [("joy,love", "positive"), ("anger", "negative"), ("neutral", "neutral"), ("joy,anger", None), ("confusion", None)],
)
def test_emotions_map_to_a_sentiment_only_where_they_agree(label, expected):
    assert emotions_to_sentiment(label) == expected


def test_padding_is_masked_and_rounded_up():
    ids, mask = padded([[5, 6, 7], [8]])

    assert ids.shape == (2, 16)
    assert mask.sum(1).tolist() == [3, 1]
    assert ids[1].tolist()[1:] == [0] * 15
