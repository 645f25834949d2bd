"""Which characters may stand for others."""

import sys

from core.serving.replacements import _candidates, _may_stand_for_another


def test_every_character_that_may_stand_for_another_is_a_candidate():
    every = map(chr, range(sys.maxunicode + 1))

    assert _candidates() == tuple(filter(_may_stand_for_another, every))
