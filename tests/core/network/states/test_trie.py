import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.network.states.trie import make_trie

WORDS = st.lists(st.text("abc", min_size=1, max_size=7), min_size=1, max_size=12)


def trie_of(words, padding="\0"):
    """Make the trie of words."""
    longest = max(map(len, words))
    characters = np.array([[ord(letter) for letter in word.ljust(longest, padding)] for word in words], np.int32)
    return make_trie(characters, np.array([len(word) for word in words], np.int32))


def prefixes(trie):
    """Return the prefix that each node stands for."""
    spelled: list[str] = []
    above, counts = [""], trie.counts.numpy().tolist()
    letters = [chr(code) for code in trie.characters.numpy()]
    parents = trie.parents.numpy().tolist()
    for count in counts:
        first = len(spelled)
        level = [above[parents[node]] + letters[node] for node in range(first, first + count)]
        spelled += level
        above = level
    return spelled


@given(WORDS)
def test_each_word_is_spelled_by_the_node_at_its_end(words):
    trie = trie_of(words)
    spelled = prefixes(trie)

    assert [spelled[end] for end in trie.ends.numpy()] == words


@given(WORDS)
def test_in_dictionary_order_every_prefix_has_one_node(words):
    spelled = prefixes(trie_of(sorted(words)))

    assert sorted(spelled) == sorted({word[:end] for word in words for end in range(1, len(word) + 1)})


@given(WORDS)
def test_every_parent_is_a_node_of_the_level_above(words):
    trie = trie_of(words)
    counts, parents = trie.counts.numpy().tolist(), trie.parents.numpy()

    assert sum(counts) == len(parents) == len(trie.characters)
    for place, (above, count) in enumerate(zip([1, *counts], counts, strict=False)):
        level = parents[sum(counts[:place]) :][:count]
        assert (level >= 0).all()
        assert (level < above).all()


@pytest.mark.parametrize(
    ("words", "counts"),
    [
        (["ab", "abc", "ad"], [1, 2, 1]),
        (["ab", "cd", "ab"], [3, 3]),  # not sorted: more nodes than necessary
        (["a", "a"], [1]),
    ],
)
def test_levels_have_as_many_nodes_as_distinct_neighbours(words, counts):
    assert trie_of(words).counts.numpy().tolist() == counts


def test_ids_after_the_end_of_a_word_are_ignored():
    assert prefixes(trie_of(["ab", "abbb"], padding="b")) == ["a", "ab", "abb", "abbb"]


def test_a_level_deeper_than_all_words_has_one_node_without_an_end():
    trie = make_trie(np.array([[2, 3, 0, 0], [2, 0, 0, 0]], np.int32), np.array([2, 1], np.int32))

    assert trie.counts.numpy().tolist() == [1, 1, 1, 1]
    assert trie.parents.numpy().tolist() == [0, 0, 0, 0]
    assert trie.ends.numpy().tolist() == [1, 0]
