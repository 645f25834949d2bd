"""Trains many runs: `python experiments/sweep.py parity hidden=16,32,64 seed=0..4 --jobs 2`; --help explains more."""

if __name__ == "__main__":
    try:
        from experiments.sweeps.main import main  # not at the top: every worker imports this file again
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    main()
