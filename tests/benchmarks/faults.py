"""Shows what is left of runs after faults: of the disk, of the power, of processes, and by other people.

    python -m tests.benchmarks.faults [SCENARIO ...] [--scale 1]

It uses a real mongod, real processes, and strace, which lets system calls fail. Each row of the table that it prints
is a fault, tried at every place where it can happen: how many tries, how many points the runs had logged, how many of
them are on the disk, and how many in MongoDB after `sync`, then what became of the runs. What is not as it must be is
described on standard error, and the exit status is 1. Without a name it tries all faults, in ten minutes on two
processors.
"""

import sys
from collections.abc import Callable, Iterator

from tests.benchmarks.disturbed.copies import copies
from tests.benchmarks.disturbed.deletion import disturbed_deletion
from tests.benchmarks.disturbed.delivery import disturbed_delivery
from tests.benchmarks.disturbed.foreign_database import foreign_database
from tests.benchmarks.disturbed.hostile_directory import hostile_directory
from tests.benchmarks.disturbed.power_cuts import power_cuts
from tests.benchmarks.disturbed.recording import failing_run, killed_run
from tests.benchmarks.disturbed.replaced_database import replaced_database
from tests.benchmarks.measuring.arguments import make_parser, read_arguments
from tests.benchmarks.measuring.tally import HEADER, Tally
from tests.mongod import served

SCENARIOS: dict[str, Callable[[str, float], Iterator[Tally]]] = {
    "power_cuts": power_cuts,
    "failing_run": failing_run,
    "killed_run": killed_run,
    "disturbed_delivery": disturbed_delivery,
    "disturbed_deletion": disturbed_deletion,
    "foreign_database": foreign_database,
    "replaced_database": replaced_database,
    "hostile_directory": hostile_directory,
    "copies": copies,
}


def main() -> int:
    """Try faults; return the exit status."""
    parser = make_parser("tests.benchmarks.faults", __doc__)
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO", help=f"one of {', '.join(SCENARIOS)}")
    parser.add_argument("--scale", type=float, default=1.0, help="part of the tries that are made, up to 1")
    arguments = read_arguments(parser, tiny={"scale": 0.01})
    if unknown := set(arguments.scenarios) - SCENARIOS.keys():
        parser.error(f"there is no scenario {min(unknown)}: choose one of {', '.join(SCENARIOS)}")
    problems: list[str] = []
    print(HEADER, flush=True)
    with served() as (server, _):
        for name in arguments.scenarios or SCENARIOS:
            for tally in SCENARIOS[name](server.url, arguments.scale):
                print(tally.format(), flush=True)
                problems += tally.problems
    for line in problems:
        print(line, file=sys.stderr)
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main())
