"""A SavedModel answers as the Estimator does, in a process without the code of this project."""

import json
import subprocess
import sys
import unicodedata

import numpy as np
import pytest
import tensorflow as tf

from core.data.characters import Encoder
from core.data.numerals import number_word
from core.serving.export import export
from core.serving.predict import predict
from tests.core.small_training import ALPHABET, hardly_trained, train_small, trained_network

ASK = """
import json, sys
sys.modules.update(dict.fromkeys(["core", "experiments", "observers", "analysis"]))  # none of them can be imported
import tensorflow as tf
words = json.load(open("words.json"))
signature = tf.saved_model.load(sys.argv[1]).signatures["serving_default"]
answers = signature(words=tf.constant(words))
json.dump({name: answer.numpy().tolist() for name, answer in answers.items()}, open("answers.json", "w"))
"""


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    estimator, _, _ = train_small(tmp_path_factory.mktemp("model"))
    return trained_network(estimator)


@pytest.mark.slow
def test_an_export_agrees_with_the_estimator_on_ten_thousand_words(network, tmp_path):
    words = [number_word(number) for number in range(10_000)]
    words[5::100] = [word.upper() for word in words[5::100]]
    words[9::100] = ["\u00ad".join(word) + "\u200b" for word in words[9::100]]
    words[11::100] = [unicodedata.normalize("NFD", word) for word in words[11::100]]
    words[7::100] = ["x" * (place % 500) for place in range(100)]
    exported = tmp_path / "export" / "1"
    export(network, exported)
    (tmp_path / "words.json").write_text(json.dumps(words))
    subprocess.run(
        [sys.executable, "-I", "-c", ASK, str(exported)], cwd=tmp_path, check=True, capture_output=True, timeout=300
    )
    answers = json.loads((tmp_path / "answers.json").read_text())
    expected = list(predict(network, words))

    assert answers.keys() == {"parity", "probability", "readable"}
    assert 100 < sum(answers["readable"]) < 10_000
    for name, values in answers.items():
        assert np.allclose(values, [answer[name] for answer in expected], rtol=0, atol=1e-6), name
    for place, readable in enumerate(answers["readable"]):
        assert readable or (answers["parity"][place], answers["probability"][place]) == (-1, -1.0)


def test_an_export_replaces_an_earlier_one(network, tmp_path):
    for _ in range(2):
        export(network, tmp_path / "export" / "1")

    assert [path.name for path in (tmp_path / "export").iterdir()] == ["1"]
    assert (tmp_path / "export" / "1" / "saved_model.pb").is_file()


@pytest.mark.parametrize(("head", "memory"), [("places", None), ("digits", 3), ("codebook", 5), ("nalu", None)])
def test_an_export_reads_in_the_direction_and_with_the_memory_of_its_network(tmp_path, head, memory):
    network = hardly_trained(tmp_path / "model", head, Encoder(ALPHABET, "backwards"), memory)
    words = ["elf", "zweiundzwanzig", "z", "neunundneunzig" * 9, "no number", ""]
    export(network, tmp_path / "export" / "1")
    signature = tf.saved_model.load(str(tmp_path / "export" / "1")).signatures["serving_default"]
    answers = {name: values.numpy() for name, values in signature(words=tf.constant(words)).items()}

    assert signature(words=tf.constant([], tf.string))["number"].shape == (0,)
    assert answers["readable"].tolist() == [1, 1, 1, 1, 0, 0]
    for row, expected in enumerate(predict(network, words)):
        for name, value in expected.items():
            assert answers[name][row] == pytest.approx(value, rel=1e-5), name
