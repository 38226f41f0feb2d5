"""TF-IDF with logistic regression: the figure that stands beside every detector's."""

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline, make_union


def tfidf_scores(train: list[str], truth: np.ndarray, test: list[str]) -> np.ndarray:
    """Decision values float64[len(test)] (or [len(test), classes]) of words and character pieces, trained on the same rows."""
    words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    pieces = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), min_df=3, sublinear_tf=True, max_features=150_000)
    model = make_pipeline(make_union(words, pieces), LogisticRegression(C=4, max_iter=300, class_weight="balanced"))
    return model.fit([text[:2000] for text in train], truth).decision_function([text[:2000] for text in test])


class LexicalBaseline:
    """The same for many labels of one set of texts: they are cut into words and pieces once."""

    def __init__(self, train: list[str], test: list[str]) -> None:
        words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True, max_features=300_000, dtype=np.float32)
        pieces = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), min_df=3, sublinear_tf=True, max_features=150_000, dtype=np.float32)
        cutter = make_union(words, pieces)
        self.train = cutter.fit_transform([text[:2000] for text in train]).tocsr()
        self.test = cutter.transform([text[:2000] for text in test]).tocsr()

    def scores(self, known: list[int], truth: np.ndarray, asked: list[int]) -> np.ndarray:
        """Decision values of the texts at `asked`, from the training texts at `known` with their `truth`."""
        model = LogisticRegression(C=4, max_iter=200, class_weight="balanced")
        return model.fit(self.train[known], truth).decision_function(self.test[asked])
