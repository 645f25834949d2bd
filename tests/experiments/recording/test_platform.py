"""What results depend on is recorded, and a repeat says what differs."""

import json

import pytest
from sacred import Experiment
from sacred.dependencies import PackageDependency

from experiments.recording import platform
from experiments.recording.platform import record_platform, report_changes
from observers.directory.observer import RunDirectoryObserver
from tests.experiments.place import entry

FULL = "flags\t\t: fpu sse sse2 ssse3 avx avx2 fma f16c avx512f amx_tile rdtscp\n"


@pytest.fixture
def repeat(tmp_path, capsys, monkeypatch):
    """Record a run, change its record, repeat it, and return what the repetition says on standard error."""
    for name in platform.variables():
        monkeypatch.delenv(name)

    def run(*named_configs, **config):
        experiment = Experiment("small", base_dir=str(tmp_path), save_git_info=False)
        experiment.observers.append(RunDirectoryObserver(tmp_path / "runs"))
        experiment.add_config(hidden=4, seed=1)
        record_platform(experiment)
        experiment.dependencies = {PackageDependency("numpy", "1.26.4"), PackageDependency("pandas", "2.2")}
        experiment.main(lambda _run: report_changes(_run))
        experiment.run(named_configs=named_configs, config_updates=config)

    def change_and_repeat(packages=None, config=None, content=None, **host):
        run()
        path = tmp_path / "runs" / "1" / "run.json"
        record = json.loads(path.read_text())
        record["host"].update(host)
        record["host"] = {name: value for name, value in record["host"].items() if value is not None}
        record["experiment"]["dependencies"] = packages or record["experiment"]["dependencies"]
        path.write_text(json.dumps(record) if content is None else content)
        capsys.readouterr()
        run(str(tmp_path / "runs" / "1" / "config.json"), **(config or {}))
        return capsys.readouterr().err.replace(f"{tmp_path}/", "")

    return change_and_repeat


def weights(run):
    [path] = (run / "model").glob("*.data-00000-of-00001")
    return path.read_bytes()


def test_a_run_records_instruction_sets_libc_the_build_of_tensorflow_and_variables(two_runs):
    host = entry(two_runs.runs()[0])["host"]

    assert set(host["instruction_sets"].split()) <= set(platform._CPUINFO.read_text().split())
    assert host["libc"].startswith("glibc 2.")
    assert host["tensorflow_build"].startswith("v2.15.")
    assert host["tensorflow_threads"] == 1
    assert host["variables"] == platform.variables()


def test_only_instruction_sets_on_which_kernels_depend_count(tmp_path, monkeypatch):
    monkeypatch.setattr(platform, "_CPUINFO", tmp_path / "cpuinfo")
    assert platform._instruction_sets() == ""
    (tmp_path / "cpuinfo").write_text(FULL * 2)

    assert platform._instruction_sets() == "amx_tile avx avx2 avx512f f16c fma sse sse2 ssse3"


def test_variables_of_the_libraries_that_compute_are_recorded_and_no_secrets_with_like_names(monkeypatch):
    before = set(platform.variables())
    recorded = ["TF_ENABLE_ONEDNN_OPTS", "TF_XLA_FLAGS", "XLA_FLAGS", "OMP_NUM_THREADS", "TF_NUM_INTEROP_THREADS"]
    recorded += ["TF_DETERMINISTIC_OPS", "MKL_CBWR", "ONEDNN_MAX_CPU_ISA", "CUDA_VISIBLE_DEVICES", "PYTHONHASHSEED"]
    for name in [*recorded, "TF_VAR_password", "TF_TOKEN_example_org", "TF_CPP_MIN_LOG_LEVEL", "NVIDIA_API_KEY"]:
        monkeypatch.setenv(name, "1")

    assert set(platform.variables()) - before == set(recorded) - before


def test_a_repeat_on_the_same_platform_says_nothing(repeat):
    assert repeat() == ""


def test_a_repeat_says_in_one_line_all_that_differs(repeat):
    sets = f"{platform._instruction_sets()} avx9 amx_9"
    [line] = repeat(
        cpu="Old", instruction_sets=sets, libc="glibc 1.0", variables={"TF_ENABLE_ONEDNN_OPTS": "0"}
    ).splitlines()

    assert line.startswith("small: results may differ from those of runs/1 in their last bits: the CPU is ")
    assert ", was Old; libc is " in line
    assert ", was glibc 1.0; the CPU lacks amx_9 avx9; TF_ENABLE_ONEDNN_OPTS is not set, was 0" in line


def test_new_instruction_sets_are_said_too(repeat):
    assert "the CPU has also " in repeat(instruction_sets="")


def test_nothing_is_said_of_what_a_run_of_an_earlier_version_has_not_recorded(repeat):
    assert repeat(instruction_sets=None, libc=None, variables=None) == ""


def test_with_another_config_it_is_no_repeat(repeat):
    assert repeat(config={"hidden": 8}, libc="glibc 1.0") == ""


def test_packages_that_compute_are_compared(repeat):
    line = repeat(packages=["numpy==1.0", "pandas==1.0"])

    assert line == "small: results may differ from those of runs/1 in their last bits: numpy is 1.26.4, was 1.0\n"


def test_a_record_that_is_damaged_is_no_reason_to_fail(repeat):
    assert repeat(cpu=["what"], variables="no mapping", instruction_sets=7).startswith("small: results may differ")


def test_packages_that_are_no_list_are_not_compared(repeat):
    assert repeat(packages=7) == ""


@pytest.mark.parametrize("content", ["", "[1]", "{"])
def test_the_config_of_a_run_that_cannot_be_read_is_repeated_without_a_word(repeat, content):
    assert repeat(content=content) == ""


@pytest.mark.slow
def test_commands_that_do_not_train_say_nothing(own_runs):
    directory = own_runs.runs()[0]
    record = entry(directory)
    record["host"]["libc"] = "glibc 1.0"
    (directory / "run.json").write_text(json.dumps(record))

    assert own_runs.run("print_config", "with", "runs/1/config.json").stderr == ""
    assert "libc is" in own_runs.run("with", "runs/1/config.json").stderr


@pytest.mark.slow
def test_xla_for_all_operations_does_not_reach_the_network_and_is_said_on_a_repeat(own_runs):
    flags = "--tf_xla_auto_jit=2 --tf_xla_cpu_global_jit"
    done = own_runs.run("with", "runs/1/config.json", cold=True, TF_XLA_FLAGS=flags)
    repeated = own_runs.runs()[-1]

    assert done.returncode == 0
    assert f"TF_XLA_FLAGS is {flags}, was not set" in done.stderr
    assert weights(repeated) == weights(own_runs.runs()[0])
