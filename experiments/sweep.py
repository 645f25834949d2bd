"""Trains many times: `python experiments/sweep.py parity hidden=16,32,64 seed=0..4 --jobs 2`; --help tells all."""

if __name__ == "__main__":
    from experiments.sweeping import main  # here, since each run imports this file, and has to record what it uses

    main()
