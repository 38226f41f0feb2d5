"""Stage 4: calibrate on cross-fitted scores; write direction.safetensors, calibration.json, manifest.json and report.json.

Every score used here comes from a reading that saw no row of the text's fold. The rows are parted by hash of the text:
on one half scales and combinations are fitted, on the other they are judged. About 3 minutes on one core.
"""

import json

import numpy as np
from sklearn.linear_model import LogisticRegression

from parapet_training.baseline import tfidf_scores
from parapet_training.calibration import Platt, evidence, fit_platt, shipped, sigmoid
from parapet_training.linear_reading import balanced_weights, fit_transform, fit_weights, raw_score
from parapet_training.manifest import write_json
from parapet_training.metrics import auroc, expected_calibration_error, tpr_at, wilson
from parapet_training.sources import fraction
from parapet_training.token_reading import fit_token_weight, token_scores
from recipes.refusal_direction.collected import Collected, load
from recipes.refusal_direction.config_fit import FitConfig
from recipes.refusal_direction.direction_files import write_calibration, write_direction
from recipes.refusal_direction.sentinel_facts import write_sentinel_manifest
from recipes.refusal_direction.stage2_collect import PACKAGE, RUN
from recipes.refusal_direction.stage3_fit import READINGS, picked

HARD = ("borderline", "harmless", "safe")
# Two scales are made one where these shares of each kind's benign texts lie.
LEVELS = (0.95, 0.99)
# Fewer rows of a class say nothing of a kind.
LEAST_ROWS = 10


def matched(logits: np.ndarray, target: np.ndarray) -> tuple[float, float]:
    """Scale and bias that lay the upper quantiles of `logits` on those of `target`, both benign."""
    own, wanted = (np.quantile(values, LEVELS) for values in (logits, target))
    scale = float((wanted[1] - wanted[0]) / max(own[1] - own[0], 1e-6))
    return scale, float(wanted[1] - scale * own[1])


def by_length(config: FitConfig, joint: np.ndarray, lengths: np.ndarray, benign: np.ndarray) -> tuple[list[dict], np.ndarray]:
    """One piece for each range of lengths, so that a rate holds in each; the shortest keeps its scale."""
    limits = [0, *config.lengths, 10**9]
    ranges = [(lengths > low) & (lengths <= high) for low, high in zip(limits[:-1], limits[1:], strict=True)]
    pieces, mapped = [], joint.copy()
    for index, inside in enumerate(ranges):
        scale, bias = (1.0, 0.0) if index == 0 else matched(joint[inside & benign], joint[ranges[0] & benign])
        mapped[inside] = scale * joint[inside] + bias
        upper = {"upToTokens": config.lengths[index]} if index < len(config.lengths) else {}
        pieces.append(upper | {"scale": scale, "bias": bias})
    return pieces, mapped


def twin_accuracy(score: np.ndarray, data: Collected, judged: np.ndarray) -> dict:
    """How often the harmful request scores above its harmless twin."""
    pairs: dict[str, dict[bool, float]] = {}
    for value, row, counts in zip(score, data.rows, judged, strict=True):
        if row["source"] == "twins" and counts:
            pairs.setdefault(row["pair"], {})[row["harmful"]] = float(value)
    full = [pair for pair in pairs.values() if len(pair) == 2]
    interval = wilson(sum(pair[True] > pair[False] for pair in full), len(full))
    return {"accuracy": round(interval.value, 4), "interval": [round(interval.low, 4), round(interval.high, 4)], "pairs": len(full)}


def slices(score: np.ndarray, data: Collected, threshold: float) -> list[dict]:
    """Per kind, source and label (place, for requests in documents): how many are flagged at the shipped threshold."""
    keys = [(row["kind"], row["source"] if row["kind"] in ("plain", "exchange") else row.get("place", ""), row["label"] if row["kind"] == "plain" else str(row["harmful"])) for row in data.rows]
    table = []
    for key in sorted(set(keys)):
        inside = np.array([k == key for k in keys])
        interval = wilson(int((score[inside] >= threshold).sum()), int(inside.sum()))
        table.append({"kind": key[0], "source": key[1], "label": key[2], "n": int(inside.sum()), "flagged": interval.text()})
    return table


def against(scores: dict[str, np.ndarray], truth: np.ndarray, good: np.ndarray, bad: np.ndarray) -> dict:
    return {name: {"auroc": round(auroc(s[good & ~truth], s[bad & truth]), 4), "tprAt1": round(tpr_at(s[good & ~truth], s[bad & truth]), 4)} for name, s in scores.items()}


def cross_fitted_tfidf(data: Collected, fitted: np.ndarray) -> np.ndarray:
    """Decision values float64[rows] of the baseline, over the same folds."""
    texts, score = np.array([row["text"] for row in data.rows], object), np.zeros(len(data.rows))
    for fold in sorted(set(data.folds.tolist())):
        out, known = data.folds == fold, (data.folds != fold) & fitted
        score[out] = tfidf_scores(texts[known].tolist(), data.truth[known], texts[out].tolist())
    return score


def other_rows_logit(name: str, line: dict, data: Collected, others: Collected, fitted: np.ndarray, scale: Platt, config: FitConfig) -> np.ndarray:
    """A reading's logit of rows that stage 3 did not cross-fit: for each fold, by a reading that saw none of it."""
    values, asked = (picked(part, config, tuple(line["layers"]), tuple(line["places"])) for part in (data, others))
    logit = np.zeros(len(others.rows))
    for fold in sorted(set(others.folds.tolist())):
        known, out = (data.folds != fold) & fitted, others.folds == fold
        change = fit_transform(values[known], line["transform"], tuple(line["drop"]))
        weights = balanced_weights(np.array(data.sources)[known].tolist(), data.truth[known])
        raw = raw_score(fit_weights(change.apply(values[known]), data.truth[known], weights, line["method"]), change.apply(asked[out]))
        logit[out] = scale.a * raw + scale.b
    return logit


def answers(config: FitConfig, drop: tuple[int, ...], prompt_logit: np.ndarray, exchanges: Collected, target: np.ndarray) -> tuple[np.ndarray, dict, np.ndarray]:
    """The answer reading's weight, its facts, and cross-fitted logits on the scale of `target`."""
    raw, sources = np.zeros(len(exchanges.rows)), np.array(exchanges.sources)
    change = fit_transform(exchanges.tokens[:1], "l2", drop)
    window = config.answer_window

    def weight_of(known: Collected) -> np.ndarray:
        weights = balanced_weights(known.sources, known.truth)
        return fit_token_weight(known.tokens, known.starts, known.truth, weights, change, window, config.token_method)

    for fold in sorted(set(exchanges.folds.tolist())):
        known, out = exchanges.part(exchanges.folds != fold), exchanges.part(exchanges.folds == fold)
        raw[exchanges.folds == fold] = token_scores(weight_of(known), out.tokens, out.starts, change, window)
    weights = balanced_weights(sources.tolist(), exchanges.truth)
    scale = fit_platt(raw, exchanges.truth, weights)
    features = np.stack([scale.a * raw + scale.b, prompt_logit], axis=1)
    joined = LogisticRegression(C=1e3).fit(features, exchanges.truth, sample_weight=weights)
    logit = features @ joined.coef_[0] + joined.intercept_[0]
    stretch, shift = matched(logit[~exchanges.truth], target)
    combine = {"answer": float(stretch * joined.coef_[0][0]), "prompt": float(stretch * joined.coef_[0][1]), "bias": float(stretch * joined.intercept_[0] + shift)}
    facts = {"windowTokens": window, "scale": scale.a, "bias": scale.b, "combine": combine}
    return weight_of(exchanges), facts, stretch * logit + shift


def early_exit(crossed: dict, harmful: np.ndarray, judged: np.ndarray, truth: np.ndarray, threshold: float) -> list[dict]:
    """What a first pass that ends at a shallow block would let through at once, where it loses 1 % of what is found."""
    table = []
    for name in sorted(key for key in crossed if key.startswith("harmfulness-")):
        shallow = crossed[name]
        found = judged & truth & (harmful >= threshold)
        lowest = float(np.quantile(shallow[found], 0.01)) if found.any() else float("-inf")
        passed = shallow < lowest
        table.append({"reading": name, "benign": round(float(passed[judged & ~truth].mean()), 4), "harmful": round(float(passed[judged & truth].mean()), 4)})
    return table


def calibrate(config: FitConfig) -> dict:
    data, exchanges = load("prompts"), load("exchanges")
    crossed = dict(np.load(RUN / "crossfit.npz"))
    chosen = json.loads((RUN / "ablation.json").read_text())["chosen"]
    truth, kinds = data.truth, np.array([row["kind"] for row in data.rows])
    fitted = kinds != "wild"
    half = np.array([fraction(row["text"], "calibrate") < 0.5 for row in data.rows])
    weights = balanced_weights(data.sources, truth)
    first, judged = half & fitted & ~data.seen, ~half & fitted & ~data.seen

    scales = {name: fit_platt(crossed[name][first], truth[first], weights[first]) for name in (*READINGS, "tokens")}
    logits = {name: scale.a * crossed[name] + scale.b for name, scale in scales.items()}
    features = np.stack([logits[name] for name in scales], axis=1)
    joint = LogisticRegression(C=1e3).fit(features[first], truth[first], sample_weight=weights[first])
    combine = {name: float(w) for name, w in zip(scales, joint.coef_[0], strict=True)} | {"bias": float(joint.intercept_[0])}
    combined = features @ joint.coef_[0] + joint.intercept_[0]
    lengths = np.array([len(row["ids"]) for row in data.rows])
    unseen = ~truth & ~data.seen
    pieces, mapped = by_length(config, combined, lengths, unseen)

    places = {name: other_rows_logit(name, chosen[name], data, exchanges, fitted, scales[name], config) for name in READINGS}
    of_prompt = sum(combine[name] * places[name] for name in READINGS) + combine["bias"]
    weight, answer, answer_logit = answers(config, tuple(chosen["tokens"]["drop"]), of_prompt, exchanges, mapped[unseen])

    scores = {name: sigmoid(logits[name]) for name in READINGS} | {"tokens": sigmoid(logits["tokens"]), "harmful": sigmoid(mapped)}
    of_answers = sigmoid(answer_logit)
    benign = {name: scores[name][unseen] for name in READINGS}
    benign["harmful"] = np.concatenate([scores["harmful"][unseen], of_answers[~exchanges.truth]])
    threshold = shipped(benign["harmful"])["threshold"]

    baseline = cross_fitted_tfidf(data, fitted)
    everything = scores | {"one scale": sigmoid(combined), "tfidf": baseline}
    hard = np.array([row["label"] in HARD for row in data.rows])
    source = "cross-fitted by source (twins by pair, borderline by hash), second half by hash"
    held = {name: evidence(score[judged & ~truth], score[judged & truth], source) for name, score in scores.items() if name != "tokens"}
    found = {}
    for kind in ("plain", "wrapped", "long", "conversation"):
        inside = judged & (kinds == kind)
        if min((inside & truth).sum(), (inside & ~truth).sum()) >= LEAST_ROWS:
            found[kind] = against(everything, truth, inside, inside)
    report = {
        "origin": "planted" if data.seen.any() else "native",
        "heldOut": held,
        "tfidf": evidence(baseline[judged & ~truth], baseline[judged & truth], "the same rows"),
        "againstHard": against(everything, truth, judged & hard, judged),
        "againstOrdinary": against(everything, truth, judged & ~hard, judged),
        "kinds": found,
        "exchange": evidence(of_answers[~exchanges.truth], of_answers[exchanges.truth], "cross-fitted by source of the request")
        | {"answerAlone": round(auroc(answer_logit[~exchanges.truth] - answer["combine"]["prompt"] * of_prompt[~exchanges.truth], answer_logit[exchanges.truth] - answer["combine"]["prompt"] * of_prompt[exchanges.truth]), 4)},
        "twins": twin_accuracy(scores["harmful"], data, ~data.seen) | {"tfidf": twin_accuracy(baseline, data, ~data.seen)},
        "calibrationError": round(expected_calibration_error(scores["harmful"][judged], truth[judged], weights[judged]), 4),
        "threshold": threshold,
        "slices": slices(np.concatenate([scores["harmful"][~data.seen], of_answers]), joined_rows(data, exchanges), threshold),
        "earlyExit": early_exit(crossed, scores["harmful"], judged, truth, threshold),
        "lengths": pieces,
        "combine": combine,
    }
    write_json(RUN / "report.json", report)
    write_direction(config, chosen, scales, combine, pieces, answer, weight, report)
    write_calibration(benign, [row for row, keep in zip(data.rows, ~data.seen, strict=True) if keep] + exchanges.rows, held)
    write_sentinel_manifest(PACKAGE)
    return {key: report[key] for key in ("heldOut", "tfidf", "twins", "kinds", "exchange", "earlyExit", "combine", "lengths")}


def joined_rows(data: Collected, exchanges: Collected) -> Collected:
    """Rows of both, for tables: their residuals are not carried along."""
    rows = [row for row, seen in zip(data.rows, data.seen, strict=True) if not seen] + exchanges.rows
    none = np.zeros(len(rows), bool)
    return Collected(rows, data.sites[:0], data.tokens[:0], np.zeros(1, int), none, none, none)


if __name__ == "__main__":
    print(json.dumps(calibrate(FitConfig()), indent=1))
