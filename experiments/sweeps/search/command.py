"""A sweep with --search, from the options to the table."""

from collections.abc import Callable, Mapping

from experiments.cli.options import read_options
from experiments.experiment import WordExperiment
from experiments.recording.observers import check_storage
from experiments.sweeps.options import SweepOptions
from experiments.sweeps.results import format_missing
from experiments.sweeps.search.naming import journal_of
from experiments.sweeps.search.opening import find_searches, open_search
from experiments.sweeps.search.report import format_announcement, format_results, format_space
from experiments.sweeps.search.source import Search
from experiments.sweeps.training import Ending, train_all


def run_search(
    experiment: WordExperiment, options: SweepOptions, sources: Mapping[str, str], on_start: Callable[[], None]
) -> int:
    """Search, and print what was found; return the exit status.

    Args:
        experiment: to train.
        options: of the sweep, with a search.
        sources: digests of the project's sources.
        on_start: is called once signals are forwarded to the runs, or when there is nothing to run.

    Raises:
        SacredError: if the config of every trial would be invalid.
        ValueError: if the journal of a search is damaged.
        ClusterError: if the cluster was lost; the results are printed.
    """
    found = find_searches(experiment, options, sources)
    if options.dry_run:
        begun = [search for search in found if journal_of(options.runs, search.name).exists()]
        waiting = (len(found) - len(begun)) * options.draws + open_search(experiment, options, sources, begun).waiting
        print(format_announcement(options, waiting, len(found)))
        print(format_space(options.grid.draws))
        return 0
    check_storage(read_options(experiment, options.run_options))
    search = open_search(experiment, options, sources, found)
    waiting = search.waiting
    print(format_announcement(options, waiting, len(found)), flush=True)
    ending = train_all(experiment, search, waiting, options, sources, on_start) if waiting else Ending()
    on_start()
    return _print_end(search, options, ending)


def _print_end(search: Search, options: SweepOptions, ending: Ending) -> int:
    results, varied = search.results, options.grid.varied
    print(f"\n{format_results(results, varied)}")
    if search.equal:
        print(f"equal to another trial, and not trained again: {search.equal}")
    if ending.failure is not None:
        raise ending.failure
    if ending.stopped_by is not None:
        print(f"\ninterrupted; {search.waiting} trials have not ended; run the same command again to continue")
        return 128 + ending.stopped_by
    if missing := format_missing(results, varied):
        print(f"\n{missing}")
    if running := search.running:
        print(f"\nstill running elsewhere: {running}; the same command shows their results when they have ended")
    return int(any(result.error is not None for result in results))
