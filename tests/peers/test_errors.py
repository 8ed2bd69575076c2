"""The comparison itself must be able to fail."""

import numpy as np
import pytest

from errors import accept

REF = np.random.default_rng(1).standard_normal((1, 2, 8, 8, 8))


def test_accepts_what_is_equal():
    accept(REF, REF, 0.0)


def test_refuses_nan():
    out = REF.copy()
    out[0, 0, 4, 4, 4] = np.nan
    with pytest.raises(AssertionError):
        accept(out, REF, 1.0)


def test_refuses_one_wrong_voxel_in_the_middle():
    out = REF.copy()
    out[0, 0, 4, 4, 4] += 0.1
    with pytest.raises(AssertionError, match="largest"):
        accept(out, REF, 5e-3)


def test_refuses_a_wrong_border():
    out = REF.copy()
    out[:, :, 0] *= 1.02
    with pytest.raises(AssertionError, match="border"):
        accept(out, REF, 8.5e-3)


def test_refuses_what_is_worse_than_twice_pytorch():
    out = REF * (1 + 1e-6)
    own = {"norm": 4e-7, "largest": 1e-6, "border": 1e-6}
    with pytest.raises(AssertionError, match="PyTorch's own"):
        accept(out, REF, 1e-5, own)
