"""Trains many times: `python experiments/sweep.py parity hidden=16,32,64 seed=0..4 --jobs 2`; --help tells all."""

if __name__ == "__main__":
    try:
        from experiments.sweeping import main  # here: each run imports this file, and records what it imports
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    main()
