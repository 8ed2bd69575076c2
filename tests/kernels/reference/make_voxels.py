"""Writes voxels.txt: what SciPy, scikit-image, PyTorch and Pillow make of the inputs that voxels_reference_test.cpp makes too.

    python make_voxels.py > voxels.txt        (SciPy 1.x, scikit-image 0.2x, PyTorch 2.x, Pillow)

A line is a name, a count and that many values.
"""
import numpy as np
import torch
from PIL import Image
from scipy import ndimage
from skimage.morphology import convex_hull_image


def numbers(seed, count):
    """The generator of the test: a 32-bit linear congruence, its upper 16 bits."""
    values = np.empty(count, np.int64)
    state = seed
    for i in range(count):
        state = (state * 1664525 + 1013904223) % 2**32
        values[i] = state >> 16
    return values


def hu(seed, shape):
    return (numbers(seed, int(np.prod(shape))) % 2000 - 1000).reshape(shape)


def bits(seed, shape, percent):
    return (numbers(seed, int(np.prod(shape))) % 100 < percent).reshape(shape)


def write(name, values, form="%g"):
    values = np.asarray(values).ravel()
    print(name, len(values), " ".join(form % v for v in values))


for sigma in (0.5, 1.07, 2.3):
    blurred = ndimage.gaussian_filter(hu(1, (17, 23)).astype(np.float64), sigma, mode="nearest", truncate=3)
    write(f"gaussian_{sigma:g}", blurred, "%.3f")

for percent in (35, 55, 70):
    volume = bits(2 + percent, (7, 13, 70), percent)
    labels, count = ndimage.label(volume)
    write(f"components_{percent}", np.sort(ndimage.sum_labels(volume, labels, range(1, count + 1))), "%d")
    filled = ndimage.binary_fill_holes(volume)
    write(f"filled_{percent}", filled.sum(axis=(1, 2)), "%d")
    in_slices = np.stack([ndimage.binary_fill_holes(plane) for plane in volume])
    write(f"filled_in_slices_{percent}", in_slices.sum(axis=(1, 2)), "%d")

volume = bits(5, (6, 11, 19), 2)
write("distances", ndimage.distance_transform_edt(~volume, sampling=(5.0, 0.842, 0.701)), "%.4f")

for seed in range(5):
    plane = bits(20 + seed, (15, 70), 2)
    write(f"hull_{seed}", np.packbits(convex_hull_image(plane, offset_coordinates=False)), "%d")

y, x = np.mgrid[-9:10, -11:12]
disc = (y * 842) ** 2 + (x * 701) ** 2 <= 4000**2
closed = ndimage.binary_closing(np.pad(bits(41, (24, 70), 6), 20), disc)[20:-20, 20:-20]
write("dilated", np.packbits(ndimage.binary_dilation(bits(41, (24, 70), 6), disc)), "%d")
write("eroded", np.packbits(ndimage.binary_erosion(bits(42, (24, 70), 97), disc, border_value=1)), "%d")
write("closed", np.packbits(closed), "%d")

image = hu(50, (37, 41)).astype(np.float64)
for height, width in ((13, 16), (37, 20), (50, 41), (9, 90)):
    resized = torch.nn.functional.interpolate(torch.from_numpy(image)[None, None], size=(height, width), mode="bilinear",
                                              align_corners=False, antialias=True)
    write(f"resized_{height}x{width}", resized.numpy(), "%.3f")

for name, box in (("inside", (7.25, 5.5, 29.75, 31.125)), ("fine", (10.1, 12.3, 17.9, 20.0)), ("edge", (0.0, 0.0, 40.5, 33.3))):
    patch = Image.fromarray(image.astype(np.float32)).resize((12, 10), Image.Resampling.BILINEAR, box=box)
    write(f"patch_{name}", np.asarray(patch), "%.3f")
