import gzip
import json

import pytest

from parapet_training.sources import assert_not_reserved, folded, fraction, is_non_commercial, read_rows, take


def write(folder, name, rows):
    with gzip.open(folder / f"{name}.jsonl.gz", "wt", encoding="utf-8") as out:
        out.writelines(json.dumps(row) + "\n" for row in rows)


def test_rows_with_a_non_commercial_licence_are_left_out(tmp_path):
    rows = [
        {"text": "a", "source": "open", "licence": "MIT"},
        {"text": "b", "source": "closed", "licence": "CC BY-NC 4.0 (NC)"},
        {"text": "c", "source": "closed too", "licence": "CC BY-NC-SA 4.0"},
        {"text": "d", "source": "codealpaca"},
    ]
    write(tmp_path, "mixed", rows)

    assert [row["text"] for row in read_rows("mixed", tmp_path)] == ["a"]


def test_a_file_that_is_non_commercial_as_a_whole_gives_no_row():
    assert is_non_commercial("harmless_prompts", {"text": "a", "source": "x", "licence": "MIT"})


@pytest.mark.parametrize("name", ["XSTest", "jailbreakbench", "Wildguardtest", "or-bench-hard"])
def test_a_reserved_benchmark_is_refused(name):
    with pytest.raises(ValueError, match="reserved"):
        assert_not_reserved(name)


def test_a_reserved_source_inside_a_file_is_refused(tmp_path):
    write(tmp_path, "mixed", [{"text": "a", "source": "HarmBench"}])

    with pytest.raises(ValueError, match="reserved"):
        list(read_rows("mixed", tmp_path))


def test_texts_that_differ_in_case_and_punctuation_fall_into_the_same_part():
    assert folded("Hello,  World!") == folded("hello world")
    assert fraction("Hello, World!", "s") == fraction("hello world", "s")


def test_another_salt_gives_another_fraction_and_all_lie_in_the_unit_interval():
    values = [fraction(f"text {index}", "s") for index in range(200)]

    assert all(0 <= value < 1 for value in values)
    assert 0.35 < sum(values) / len(values) < 0.65
    assert fraction("text 1", "s") != fraction("text 1", "t")


def test_take_does_not_depend_on_the_order_of_the_rows():
    rows = [{"text": f"text {index}"} for index in range(50)]

    assert take(rows, 7, "s") == take(rows[::-1], 7, "s")
