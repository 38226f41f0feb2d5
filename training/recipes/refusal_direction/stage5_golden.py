"""Stage 5: golden.json of the sentinel: our own texts, their tokens and scores, for TypeScript to replay."""

from parapet_training.direction_reading import DirectionReading
from parapet_training.golden_texts import ALL
from parapet_training.manifest import write_json
from parapet_training.paths import MODELS

PACKAGE = MODELS / "sentinel"
# 4-bit kernels quantise activations, and differ by processor: made with AVX-512 and VNNI, replayed with AVX2 alone, the
# same Python gives scores up to 0.043 away. Another version of onnxruntime moves them too.
TOLERANCE = 0.06

CONVERSATION = [
    ("system", "You answer in one sentence."),
    ("user", "Which tree loses its needles in autumn?"),
    ("assistant", "The larch does."),
    ("user", "And where does it grow?"),
]


def main() -> None:
    reading = DirectionReading(PACKAGE)
    inputs = []
    for text in ALL:
        ids = reading.tokens.encode(text)
        scores = {name: round(value, 6) for name, value in reading.score(ids).items()}
        inputs.append({"detector": "refusal-direction", "text": text, "inputIds": ids, "scores": scores})
    ids = reading.tokens.encode_turns(CONVERSATION)
    scores = {name: round(value, 6) for name, value in reading.score(ids).items()}
    messages = [{"role": role, "content": content} for role, content in CONVERSATION]
    inputs.append({"detector": "refusal-direction", "messages": messages, "inputIds": ids, "scores": scores})
    write_json(PACKAGE / "golden.json", {"schema": "parapet.golden/1", "tolerance": TOLERANCE, "inputs": inputs})


if __name__ == "__main__":
    main()
