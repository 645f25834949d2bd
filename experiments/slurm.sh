#!/bin/bash
# A sweep as an array job of Slurm: each task runs a part of it. It takes the arguments of sweep.py:
#     sbatch --array=0-3 --cpus-per-task=4 --time=2:00:00 experiments/slurm.sh parity hidden=16,32 seed=0..5
# Before its time limit a task keeps the states of its runs, goes back to the queue, and resumes them.
#SBATCH --job-name=sweep
#SBATCH --signal=B:USR1@120
#SBATCH --requeue
#SBATCH --open-mode=append

refuse() { echo "slurm.sh: $1" >&2; exit 1; }

[ -n "$SLURM_JOB_ID" ] || refuse "submit it: sbatch [OPTIONS] experiments/slurm.sh EXPERIMENT [NAME=VALUES ...]"

# Slurm executes a copy of this file; the job's command has the place of the original, as sbatch was told it.
project=$(scontrol show job "$SLURM_JOB_ID" | sed -n 's|^ *Command=\(.*/\)\{0,1\}experiments/slurm\.sh\( .*\)\{0,1\}$|\1|p' | head -n 1)
case $project in /*) ;; *) project=$SLURM_SUBMIT_DIR/$project ;; esac
project=${project%/}
[ -f "$project/experiments/sweep.py" ] || refuse "$project is not the project: submit its experiments/slurm.sh"
python=$project/.venv/bin/python
[ -x "$python" ] || python=python # of the environment that was active at the submission

job=$SLURM_JOB_ID
part=()
if [ -n "$SLURM_ARRAY_TASK_ID" ]; then
    job=${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID # one task has the id of the whole array as its SLURM_JOB_ID
    first=${SLURM_ARRAY_TASK_MIN:?} step=${SLURM_ARRAY_TASK_STEP:?} count=${SLURM_ARRAY_TASK_COUNT:?}
    [ "$(((SLURM_ARRAY_TASK_MAX - first) / step + 1))" -eq "$count" ] \
        || refuse "the array has gaps: write --array=0-$((count - 1))"
    part=(--part "$(((SLURM_ARRAY_TASK_ID - first) / step))/$count")
fi

# Signals go on to the sweep, whose runs keep their states. The time limit is near with SIGUSR1; SIGTERM is for scancel
# and preemption.
received=
sweep=
forward() { received=$1; [ -z "$sweep" ] || kill -s "$1" "$sweep" 2> /dev/null; }
trap 'forward USR1' USR1
trap 'forward TERM' TERM

"$python" "$project/experiments/sweep.py" --jobs "$SLURM_CPUS_ON_NODE" "${part[@]}" "$@" &
sweep=$!
[ -z "$received" ] || forward "$received" # it came before there was a sweep

wait "$sweep"
status=$?
while kill -0 "$sweep" 2> /dev/null; do # a signal has interrupted `wait`
    wait "$sweep"
    status=$?
done

if [ "$received" = USR1 ] && [ "$status" -eq $((128 + $(kill -l USR1))) ]; then
    scontrol requeue "$job"
fi
exit "$status"
