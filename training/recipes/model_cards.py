"""The model cards: each recipe's `card.md` with the figures of its run filled in. Writes README.md of both packages."""

import json
from pathlib import Path
from string import Template

from parapet_training.paths import MODELS, RUNS
from recipes.sentinel.config import FinalConfig
from recipes.sentinel.refusals import wordings

RECIPES = Path(__file__).resolve().parent


def table(head: list[str], rows: list[list[object]]) -> str:
    """A Markdown table."""
    lines = ["| " + " | ".join(head) + " |", "| " + " | ".join("---" for _ in head) + " |"]
    return "\n".join(lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows])


def span(figures: dict, name: str) -> str:
    """A figure with its interval."""
    low, high = figures[f"{name}Interval"]
    return f"{figures[name]:.3f} [{low:.3f}, {high:.3f}]"


def read(recipe: str, name: str) -> dict:
    return json.loads((RUNS / recipe / name).read_text())


def tuning_figures() -> dict[str, str]:
    """What recipes.sentinel did and how its model answers."""
    done = {name: read("sentinel", f"{name}.done.json")["result"] for name in ("stage1_rows", "stage2_targets", "stage3_train", "stage4_pairs", "stage5_prefer")}
    report, config = read("sentinel", "judge.json"), FinalConfig()
    train = config.prefer.pairs.train
    held = {source for _, source, *_ in train.targets.rows.held}
    columns = ("untuned", "float32", "4-bit")
    lines = []
    for row in zip(*(report["refused"][name] for name in columns), strict=True):
        first = row[0]
        source = f"**{first['source']}**" if first["source"] in held else first["source"]
        rates = [f"{one['refused']:.3f} [{one['interval'][0]:.3f}, {one['interval'][1]:.3f}]" for one in row]
        lines.append([source, first["label"], "refuse" if first["toRefuse"] else "answer", first["n"], *rates])
    moved, blind = report["firstTokenKl"], report["blind"]
    return {
        "frozen": str(train.frozen_layers),
        "trainRows": f"{done['stage3_train']['rows']:,}",
        "trainRefuse": f"{done['stage3_train']['refuse']:,}",
        "trainTokens": str(train.max_tokens),
        "wordings": f"{wordings():,}",
        "targetTokens": str(train.targets.tokens),
        "pairs": str(done["stage5_prefer"]["pairs"]),
        "tried": f"{done['stage4_pairs']['tried']:,}",
        "blend": str(config.blend),
        "trainSources": ", ".join(f"{name} {count:,}" for name, count in sorted(report["trained"].items())),
        "openingTokens": str(report["openingTokens"]),
        "refusalTable": table(["source", "label", "should", "n", *columns], lines),
        "macroRefuse": "; ".join(f"{name}: to be refused {one['toRefuse']:.3f}, to be answered {one['toAnswer']:.3f}" for name, one in report["macro"].items()),
        "sameDecision": f"{100 * report['quantisation']['sameDecision']:.1f} %",
        "movedTable": "; ".join(
            f"{name} {one['ordinary']['mean']} on ordinary rows (median {one['ordinary']['median']}), {one['sounding dangerous']['mean']} on harmless rows that sound dangerous"
            for name, one in moved.items()
        ),
        "blind": f"of {blind['pairs']} pairs the tuned one won {blind['won']}, drew {blind['drawn']}, lost {blind['lost']} (stated beforehand: it may lose at most {blind['margin']} more than it wins)",
        "tuningHours": str(round(sum(one["seconds"] for one in done.values()) * train.threads / 3600, 1)),
    }


def compared() -> dict[str, str]:
    """What activations add to the small encoder, per family, and what a search against the reading reaches."""
    report = read("refusal_direction", "compare.json")
    columns = ("encoder", "activations", "sum", "fitted", "fittedEncoder")
    names = ("encoder", "activations", "both, plain sum", "both, fitted", "encoder's two heads, fitted")
    lines = [[line["family"], line["harmless"], line["harmful"], *(f"{line[c]['auroc']:.3f}; {line[c]['found'].split(' ')[0]}; {line[c]['flagged']:.3f}" for c in columns)] for line in report["families"]]
    asked = [[line["harmlessNotAsked"], line["harmfulNotAsked"], line["keptOfFound"]] for line in report["cascade"]]
    attack = report["adaptive"]
    return {
        "compare": table(["family", "harmless", "harmful", *names], lines),
        "cascade": table(["harmless that the encoder decides alone", "harmful that it lets through so", "kept of what both find"], asked),
        "adaptive": f"{attack['requests']} plain requests, {attack['passes']} passes each: {attack['flagged']['before']} were flagged before and {attack['flagged']['after']} after (median score {attack['medianBefore']} → {attack['medianAfter']}); the encoder, which the search did not look at, flagged {attack['encoderFlagged']['before']} and {attack['encoderFlagged']['after']}",
    }


def sentinel_figures() -> dict[str, str]:
    report, fidelity, ablation = (read("refusal_direction", name) for name in ("report.json", "fidelity.json", "ablation.json"))
    loss, timing = fidelity["quantisation"], fidelity["timings"]
    main = [[name, span(f, "auroc"), span(f, "tprAt1")] for name, f in report["heldOut"].items()]
    main.append(["TF-IDF + logistic regression, same rows", span(report["tfidf"], "auroc"), span(report["tfidf"], "tprAt1")])
    hard, plain = report["againstHard"], report["againstOrdinary"]
    against = [[n, hard[n]["auroc"], hard[n]["tprAt1"], plain[n]["auroc"], plain[n]["tprAt1"]] for n in hard]
    n = report["heldOut"]["harmful"]["n"]
    tried = [
        [line["reading"], list(line["layers"]), list(line.get("places", [])) or f"window {line['window']}", line.get("transform", "l2"), line.get("method", ""), line["auroc"], line["tprAt1"], min(line["folds"])]
        for line in sorted(ablation["table"], key=lambda line: (line["reading"], -line["auroc"] - line["tprAt1"]))
    ]
    kinds = [[kind, name, f["auroc"], f["tprAt1"]] for kind, lines in report["kinds"].items() for name, f in lines.items()]
    twins = report["twins"]
    return {
        "main": table(["score", "AUROC", "found at 1 % false positives"], main),
        "against": table(["score", "AUROC, hard", "found at 1 %, hard", "AUROC, ordinary", "found at 1 %, ordinary"], against),
        "n": f"{n['benign']} benign, {n['bad']} harmful",
        "rows": f"{sum(1 for _ in (RUNS / 'refusal_direction' / 'prompts.jsonl').open()):,}",
        "twins": f"{twins['accuracy']:.3f} [{twins['interval'][0]:.3f}, {twins['interval'][1]:.3f}] of {twins['pairs']} pairs (TF-IDF {twins['tfidf']['accuracy']:.3f})",
        "slices": table(["kind", "source or place", "label", "n", "flagged"], [list(s.values()) for s in report["slices"]]),
        "calibrationError": str(report["calibrationError"]),
        "tried": table(["reading", "blocks", "places behind the text's end", "transform", "method", "mean AUROC of five left-out folds", "found at 1 %", "worst fold's AUROC"], tried),
        "kinds": table(["kind", "score", "AUROC", "found at 1 % of its own benign texts"], kinds),
        "exchange": f"AUROC {span(report['exchange'], 'auroc')}, found at 1 % {span(report['exchange'], 'tprAt1')} ({report['exchange']['n']['benign']} harmless answers, {report['exchange']['n']['bad']} harmful)",
        "early": table(["first pass ends at", "harmless decided there", "harmful let through there"], [[line["reading"].split("-")[1], line["benign"], line["harmful"]] for line in report["earlyExit"]]),
        **compared(),
        "kl": f"{loss['firstTokenKl']} nats (median {loss['firstTokenKlMedian']})",
        "agreement": f"{loss['firstTokenAgreement']:.2f}",
        "allKl": f"{loss['allPositionsKl']} nats, same likeliest token {loss['allPositionsAgreement']:.2f}",
        "prompts": str(loss["prompts"]),
        "deepest": str(timing["deepestLayer"]),
        "timings": table(["tokens", "full pass, ms", "truncated, ms", "ratio"], [[k, v["fullMs"], v["truncatedMs"], v["ratio"]] for k, v in timing["tokens"].items()]),
    }


def encoder_figures() -> dict[str, str]:
    report, train, fidelity = (read("text_encoder", name) for name in ("report.json", "train.json", "fidelity.json"))
    main, sources, evidence, exclusive, joined = [], [], [], [], []
    for task, labels in report.items():
        for name, one in labels.items():
            if not isinstance(one, dict) or name == "sources":
                continue
            if "trainedOn" in one:
                evidence.append([task, name, one["trainedOn"]["rows"], one["trainedOn"]["bad"], one["n"]["benign"], one["n"]["bad"], "yes" if one["offered"] else "no"])
            if "heldOut" in one:
                error = one.get("calibrationError", labels.get("calibrationError"))
                main.append([task, name, span(one["heldOut"], "auroc"), span(one["heldOut"], "tprAt1"), span(one["tfidf"], "auroc"), span(one["tfidf"], "tprAt1"), error])
            if "joined" in one:
                joined.append([name, one["heldOut"]["auroc"], one["joined"]["auroc"], one["heldOut"]["tprAt1"], one["joined"]["tprAt1"]])
            for source, s in one.get("sources", {}).items():
                if one["offered"] and name in ("toxic", "insult", "harmful", "jailbreak", "injection"):
                    sources.append([name, source, s["benign"], s["bad"], s.get("auroc", "–"), s.get("tfidf", "–"), s["flagged"], s["found"]])
        if "temperature" in labels:
            for source, v in labels["sources"].items():
                exclusive.append([task, source, v["n"], v["accuracy"], v["macroRecall"], v["tfidfMacroRecall"], v["lastAgainstFirst"]])
    return {
        "main": table(["detector", "label", "AUROC", "found at 1 %", "TF-IDF AUROC", "TF-IDF found at 1 %", "calibration error"], main),
        "evidence": table(["detector", "label", "rows trained on", "of them with it", "judged without", "judged with", "offered"], evidence),
        "sources": table(["label", "source", "without", "with", "AUROC", "TF-IDF", "flagged without", "found with"], sources),
        "exclusive": table(["detector", "source", "n", "accuracy", "macro recall", "TF-IDF macro recall", "AUROC, last label : first"], exclusive),
        "joined": table(["label", "AUROC", "with TF-IDF", "found at 1 %", "with TF-IDF"], joined),
        "long": table(["joined everyday texts", "n", "toxicity", "attack", "harm"], [[r["kind"], r["n"], r["toxicity"], r["attack"], r["harm"]] for r in fidelity["long"]]),
        "steps": str(train["steps"]),
        "rows": str(train["rows"]),
        "losses": table(list(fidelity["precision"][0]), [list(r.values()) for r in fidelity["precision"]]),
        "milliseconds": table(["tokens", "ms, two threads"], [[k, v] for k, v in fidelity["milliseconds"].items()]),
    }


def main() -> None:
    for recipe, package, figures in (("refusal_direction", "sentinel", lambda: sentinel_figures() | tuning_figures()), ("text_encoder", "encoder", encoder_figures)):
        if not (RUNS / recipe / "report.json").exists():
            print(f"{recipe}: no run here, so its card stays as it is")
            continue
        template = Template((RECIPES / recipe / "card.md").read_text(encoding="utf-8"))
        (MODELS / package / "README.md").write_text(template.substitute(figures()), encoding="utf-8")


if __name__ == "__main__":
    main()
