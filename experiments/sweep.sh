#!/usr/bin/env bash
# Runs an experiment for several sizes of the LSTM and several seeds, one after the other.
#
#   experiments/sweep.sh SCRIPT [NAME=VALUE ...] [OPTION ...]
#   HIDDEN="16 32" SEEDS="0 1" experiments/sweep.sh experiments/number.py head=nac -F runs/nac
#
# HIDDEN are the sizes, 8 16 32 64 when it is not set; SEEDS are the seeds, 0 1 2. Everything behind the script is
# passed on to it. A run that fails ends the sweep.

set -euo pipefail

if [[ $# -eq 0 || ! -f $1 ]]; then
    sed -n '2,/^$/s/^# \{0,1\}//p' "$0" >&2
    exit 1
fi
script=$1
shift

for hidden in ${HIDDEN:-8 16 32 64}; do
    for seed in ${SEEDS:-0 1 2}; do
        python "$script" with hidden="$hidden" seed="$seed" "$@"
    done
done
