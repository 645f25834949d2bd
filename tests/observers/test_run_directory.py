from sacred.observers import FileStorageObserver

from observers.run_directory import directory_of


def test_the_directory_of_a_run_is_known_to_its_observer(tmp_path):
    observer = FileStorageObserver(tmp_path)
    observer.dir = str(tmp_path / "1")

    assert directory_of([observer]) == tmp_path / "1"
    assert directory_of([]) is None
