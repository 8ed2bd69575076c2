"""What a writer leaves, whatever fails."""

import resource
import signal
from contextlib import contextmanager

import numpy as np
import pytest

from pleura_training import weights
from pleura_training.files import replacing, write_file


@contextmanager
def small_disk():
    """No file may grow past 1000 bytes: not the test's own output either, which may be a file. So it holds for a block alone."""
    limit, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limit[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        signal.signal(signal.SIGXFSZ, handler)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_replaced(tmp_path):
    for content in ("first", b"second"):
        write_file(tmp_path / "f", content)
    assert (tmp_path / "f").read_bytes() == b"second" and names(tmp_path) == ["f"]


def test_the_earlier_file_stays_where_writing_fails(tmp_path):
    write_file(tmp_path / "f", "earlier")
    with pytest.raises(OSError, match="File too large"), small_disk():
        write_file(tmp_path / "f", "x" * 2000)
    with pytest.raises(RuntimeError), replacing(tmp_path / "f") as draft:
        draft.write_text("half")
        raise RuntimeError
    assert (tmp_path / "f").read_text() == "earlier" and names(tmp_path) == ["f"]


def test_a_tensor_that_was_not_written_is_found(tmp_path, monkeypatch):
    model = weights.random_model("classifier-m1", 7)
    weights.write_model(model, tmp_path / "w.h5")
    earlier = (tmp_path / "w.h5").read_bytes()

    def lose(group, name, data, **options):
        return create(group, name, data=np.zeros_like(data) if name.endswith("fc.out.bias") else data, **options)

    create = weights.h5py.Group.create_dataset
    monkeypatch.setattr(weights.h5py.Group, "create_dataset", lose)
    with pytest.raises(OSError, match="fc.out.bias was not written"):
        weights.write_model(model, tmp_path / "w.h5")
    assert (tmp_path / "w.h5").read_bytes() == earlier and names(tmp_path) == ["w.h5"]
