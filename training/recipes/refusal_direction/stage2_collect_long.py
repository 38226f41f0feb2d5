"""Stage 2, second part: residuals of long texts. Writes runs/refusal_direction/long.{npy,jsonl}. About 5 minutes on one core."""

from dataclasses import dataclass

from parapet_training.digest import file_sha256
from parapet_training.prompt import PromptTokens
from parapet_training.sources import folded, fraction, read_rows
from parapet_training.stage import run_stage
from recipes.refusal_direction.config import LongConfig, RowsConfig
from recipes.refusal_direction.stage2_collect import PACKAGE, RUN, read_residuals, save_part, tapped_session


@dataclass(frozen=True)
class Settings:
    long: LongConfig
    layers: tuple[int, ...]
    model_sha256: str


def collect(settings: Settings) -> dict:
    config, tokens = settings.long, PromptTokens(PACKAGE)
    rows: list[dict] = []
    ids: list[list[int]] = []
    seen: set[str] = set()
    for harmful, wanted in ((False, config.benign), (True, config.jailbreaks)):
        for file, source, count in wanted:
            found = [row["text"] for row in read_rows(file) if row["source"] == source and row.get("lang", "en") == "en" and not row.get("injection")]
            kept = 0
            for text in sorted(found, key=lambda text: fraction(text, "long")):
                if kept == count or folded(text) in seen or len(text) < 900:
                    continue
                encoded = tokens.encode(text[:6000])
                if config.min_tokens <= len(encoded) <= config.max_tokens:
                    seen.add(folded(text))
                    rows.append({"text": text[:6000], "source": source, "label": "jailbreak" if harmful else "long", "pair": None, "harmful": harmful})
                    ids.append(encoded)
                    kept += 1
    save_part("long", rows, ids, read_residuals(tapped_session(settings.layers), ids, len(settings.layers)))
    return {"rows": len(rows), "tokens": sum(map(len, ids))}


def main() -> dict:
    settings = Settings(LongConfig(), RowsConfig().layers, file_sha256(PACKAGE / "model.onnx"))
    return run_stage("stage2_collect_long", RUN, settings, [RUN / "long.npy", RUN / "long.jsonl"], lambda: collect(settings))


if __name__ == "__main__":
    main()
