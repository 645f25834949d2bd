#!/bin/sh
# The study behind the results of README.md and analysis/compare_number.ipynb. Run it in the activated environment, from
# the root of the project: sh experiments/study.sh
# Its seeds, from 2000 on, were not used to choose anything. It takes an hour on two processors; after an
# interruption the same command continues it.
set -e
runs=runs/study
sweep() { python experiments/sweep.py "$@"; }

# Parity of 0..999, and of four to six digits; the second time with words drawn blindly, so that some part of a word may
# be in no training word.
sweep parity extrapolation_max=999999 seed=2000..2019 -F $runs/parity
sweep parity cover_parts=False extrapolation_max=999999 seed=2000..2019 -F $runs/parity_uncovered

# Every head of number: from the 169 words of the published split, and from 600 words, of 0..999.
heads=places,digits,linear,nac,nalu,inalu,nau,nmu,codebook,product
sweep number paper head=$heads seed=2000..2019 -F $runs/paper
sweep number head=$heads seed=2000..2019 -F $runs/words

# The errors of these two depend on the split more than those of the others: twenty more.
sweep number paper head=codebook,product seed=2020..2039 -F $runs/addends

# Larger numbers: 2000 words below 10^6; 3000 words below 10^5, tested with six digits too; 3000 words below 10^9.
large="evaluate_every=100 seed=2000..2009"
sweep number max_number=999999 data_size=4000 validation_fraction=0.125 test_fraction=0.375 $large -F $runs/million
sweep number max_number=99999 data_size=4000 validation_fraction=0.125 test_fraction=0.125 \
    extrapolation_max=999999 extrapolation_size=2000 curriculum=100 max_steps=1000 penalty_start=250 patience=1000 \
    $large -F $runs/six_digits
sweep number max_number=999999999 data_size=4000 validation_fraction=0.125 test_fraction=0.125 $large -F $runs/billion

# English, letter by letter.
sweep number paper language=en head=places,linear,nalu seed=2000..2019 -F $runs/english_paper
sweep number language=en head=places,linear,nalu seed=2000..2019 -F $runs/english_words

# NALU with the recipe that this project had before: forwards, from the plain absolute error.
sweep number paper head=nalu direction=forwards log_loss=False warmup=0 schedule=linear patience=1000 \
    seed=2000..2019 -F $runs/forwards
