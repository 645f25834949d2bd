"""The comparison with other experiment trackers, each in an environment of its own.

`python -m tests.benchmarks.trackers` starts it. `peers/` has a module for each tracker, which writes a run as the
quick start of that tracker does, and reads runs with its own means:

    record(work)          one run in the working directory; work(log) logs its points with log(step, values)
    count()               the points of all runs in the working directory, read back
    count_on_server()     those in the database, if the tracker has a server
    table()               the last values of every metric of every run; returns how many values there are
    curve(name)           one metric of every run; returns how many points there are
    make_runs(runs, work) optional: many runs alike, where recording each takes too long
    READER                the modules that are imported before reading is measured; none where there is no reader

A peer finds the address of its server in MONGO_URL, and imports nothing of this project but `inside.work`.
"""
