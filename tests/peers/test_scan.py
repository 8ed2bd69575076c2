"""What pleura reads against pydicom, nibabel, SimpleITK and pynrrd. PLEURA_BUILD names the build whose dump_volume is asked."""

import json
import os
import pathlib
import subprocess

import nibabel
import nrrd
import numpy as np
import pydicom
import pytest
import SimpleITK as sitk

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("PLEURA_BUILD", ROOT / "build" / "release"))
DATA = ROOT.parent / "shared" / "data"
LPS_TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])

# Lossy JPEG leaves the inverse transform's rounding to the decoder: a value may differ by this.
LOSSY = {"JPEGProcess1Transfer": 1, "JPEGProcess2_4": 1, "jpeg_baseline": 1}
# What pydicom cannot read: these progressive forms hold the same coefficients as JPEGProcess2_4's sequential one.
NOT_PYDICOM = ("JPEGProcess6_8", "JPEGProcess10_12")


def dump(kind, file, out, dtype):
    """Runs dump_volume; returns its voxels and geometry."""
    subprocess.run([BUILD / "bin" / "dump_volume", kind, file, out], check=True)
    geometry = json.loads(pathlib.Path(f"{out}.json").read_text())
    return np.fromfile(out, dtype=dtype).reshape(geometry["shape"]), geometry


def affine_of(geometry):
    """Voxel index (z, y, x) to nibabel's RAS."""
    affine = np.eye(4)
    for axis in range(3):
        affine[:3, axis] = np.array(geometry["direction"][axis]) * geometry["spacing"][axis]
    affine[:3, 3] = geometry["origin"]
    return LPS_TO_RAS @ affine


def encodings():
    folder = DATA / "dicom-encodings"
    return sorted(f for f in folder.glob("*.dcm") if not f.name.startswith("no-pixel-")) if folder.exists() else []


@pytest.mark.skipif(not encodings(), reason="needs ../shared/data/dicom-encodings")
@pytest.mark.parametrize("file", encodings(), ids=lambda file: file.name)
def test_pixels_are_pydicoms(file, tmp_path):
    found, _ = dump("dicom", file, tmp_path / "pixels", np.int32)
    if any(name in file.name for name in NOT_PYDICOM):
        file = next(other for other in encodings() if "JPEGProcess2_4" in other.name)
        bound = 1
    else:
        bound = next((bound for name, bound in LOSSY.items() if name in file.name), 0)
    expected = pydicom.dcmread(file).pixel_array.reshape(found.shape).astype(np.int64)
    assert np.abs(found - expected).max() <= bound


SERIES = ["lung-pet-ct-dx-A0001/series-2", "covid-ct-md/P001", "covid-ct-md/normal001"]


@pytest.mark.parametrize("folder", SERIES)
def test_series_is_pydicoms(folder, tmp_path):
    if not (DATA / folder).exists():
        pytest.skip(f"needs ../shared/data/{folder}")
    found, geometry = dump("volume", DATA / folder, tmp_path / "volume", np.int16)
    slices = sorted((pydicom.dcmread(f) for f in (DATA / folder).iterdir()), key=lambda s: float(s.ImagePositionPatient[2]))
    expected = np.stack([s.pixel_array * float(s.RescaleSlope) + float(s.RescaleIntercept) for s in slices])
    np.testing.assert_array_equal(found, np.maximum(expected, -1024))
    np.testing.assert_allclose(geometry["origin"], slices[0].ImagePositionPatient)
    gaps = np.diff([float(s.ImagePositionPatient[2]) for s in slices])
    np.testing.assert_allclose(geometry["spacing"], [gaps.mean(), *slices[0].PixelSpacing])


@pytest.mark.parametrize("name", ["id001-128x128x64.nii.gz", "id001-128x128x64-msk.nii.gz", "id002-128x128x64.nii.gz"])
def test_real_nifti_is_nibabels(name, tmp_path):
    file = DATA / "lung-masks" / name
    if not file.exists():
        pytest.skip("needs ../shared/data/lung-masks")
    compare_with_nibabel(nibabel.load(file), file, tmp_path)


def compare_with_nibabel(image, file, tmp_path):
    """The same values at the same points of the world, whatever the file's axes."""
    found, geometry = dump("nifti", file, tmp_path / "volume", np.int16)
    # nibabel's own turn to (L, P, S) is pleura's (x, y, z).
    turn = nibabel.orientations.ornt_transform(
        nibabel.orientations.io_orientation(image.affine), nibabel.orientations.axcodes2ornt(("L", "P", "S")))
    turned = image.as_reoriented(turn)
    expected = np.maximum(turned.get_fdata(dtype=np.float64), -1024).transpose(2, 1, 0)
    assert found.shape == expected.shape
    assert np.abs(found - expected).max() <= 0.5 + 1e-9  # the nearest whole HU
    np.testing.assert_allclose(affine_of(geometry), turned.affine[:, [2, 1, 0, 3]], atol=2e-4)


def rotation(degrees, axis):
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    matrix = np.eye(3)
    i, j = [k for k in range(3) if k != axis]
    matrix[i, i] = matrix[j, j] = cosine
    matrix[i, j], matrix[j, i] = -sine, sine
    return matrix


@pytest.mark.parametrize("form", ["sform", "qform", "both"])
@pytest.mark.parametrize("axes", ["LPS", "RAS", "LAS", "SLP", "PIR", "ASL", "IPR"])
@pytest.mark.parametrize("version", [nibabel.Nifti1Image, nibabel.Nifti2Image])
def test_every_orientation(version, axes, form, tmp_path):
    random = np.random.default_rng(3)
    values = random.integers(-1000, 2000, (11, 12, 13)).astype(np.int16)
    affine = np.eye(4)
    affine[:3, :3] = rotation(4, 2) @ np.diag([0.7, 0.8, 2.5])
    affine[:3, 3] = [-31.5, 12.25, -400]
    canonical = version(values, affine)
    turn = nibabel.orientations.ornt_transform(nibabel.orientations.io_orientation(affine), nibabel.orientations.axcodes2ornt(axes))
    image = canonical.as_reoriented(turn)
    image.set_sform(image.affine, 1 if form != "qform" else 0)
    image.set_qform(image.affine, 1 if form != "sform" else 0)
    file = tmp_path / "image.nii.gz"
    nibabel.save(image, file)
    compare_with_nibabel(nibabel.load(file), file, tmp_path)


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64",
                                   ">i2", ">f4"])
def test_every_number_type(dtype, tmp_path):
    values = np.random.default_rng(4).integers(0, 100, (4, 5, 12)).astype(dtype)
    header = nibabel.Nifti1Header(endianness=">" if dtype[0] == ">" else "<")
    header.set_data_dtype(np.dtype(dtype))
    image = nibabel.Nifti1Image(values, np.diag([-1.0, -2, 3, 1]), header)
    image.header.set_slope_inter(2, -1000)
    file = tmp_path / "image.nii"
    image.to_filename(file)
    compare_with_nibabel(nibabel.load(file), file, tmp_path)


def test_nibabel_reads_what_pleura_writes(tmp_path):
    """dump_volume's 'rewrite' reads a NIfTI and writes it turned; nibabel must find the same patient in it."""
    affine = np.eye(4)
    affine[:3, :3] = rotation(-5, 2) @ rotation(3, 0) @ np.diag([0.7, 0.8, 2.5])
    affine[:3, 3] = [10, -20, 30]
    values = np.random.default_rng(5).integers(-1000, 2000, (6, 7, 11)).astype(np.int16)
    nibabel.save(nibabel.Nifti1Image(values, affine), tmp_path / "in.nii")
    subprocess.run([BUILD / "bin" / "dump_volume", "rewrite", tmp_path / "in.nii", tmp_path / "out.nii.gz"], check=True)
    out = nibabel.load(tmp_path / "out.nii.gz")
    np.testing.assert_allclose(out.get_qform(), out.get_sform(), atol=1e-4)
    assert nibabel.aff2axcodes(out.affine) == ("L", "P", "S")
    np.testing.assert_array_equal(nibabel.as_closest_canonical(out).get_fdata(), values)
    np.testing.assert_allclose(nibabel.as_closest_canonical(out).affine, affine, atol=1e-3)


def itk_image(axes, dtype=np.int16):
    """An image whose columns, rows and slices run to three letters, turned 4 degrees about z."""
    values = np.random.default_rng(6).integers(-1000, 2000, (13, 12, 11)).astype(dtype)
    image = sitk.GetImageFromArray(values)
    image.SetSpacing([0.7, 0.8, 2.5])
    image.SetOrigin([-31.5, 12.25, -400])
    image.SetDirection(rotation(4, 2).ravel().tolist())
    return sitk.DICOMOrient(image, axes)


@pytest.mark.parametrize("compressed", [False, True], ids=["raw", "compressed"])
@pytest.mark.parametrize("axes", ["LPS", "RAS", "LAS", "SLP", "PIR", "ASL", "IPR"])
@pytest.mark.parametrize("name", ["ct.nrrd", "ct.nhdr", "ct.mha", "ct.mhd", "ct.nii"])
def test_volume_file_is_simpleitks(name, axes, compressed, tmp_path):
    image = itk_image(axes)
    sitk.WriteImage(image, tmp_path / name, useCompression=compressed)
    image = sitk.DICOMOrient(sitk.ReadImage(tmp_path / name), "LPS")
    kind = {"nrrd": "nrrd", "nhdr": "nrrd", "mha": "metaimage", "mhd": "metaimage", "nii": "nifti"}[name.split(".")[1]]
    found, geometry = dump(kind, tmp_path / name, tmp_path / "volume", np.int16)
    np.testing.assert_array_equal(found, sitk.GetArrayFromImage(image))
    np.testing.assert_allclose(geometry["spacing"], image.GetSpacing()[::-1], rtol=1e-5)
    np.testing.assert_allclose(geometry["origin"], image.GetOrigin(), atol=1e-3)
    np.testing.assert_allclose(np.array(geometry["direction"])[::-1], np.array(image.GetDirection()).reshape(3, 3).T, atol=1e-5)


@pytest.mark.parametrize("space, to_lps", [("left-posterior-superior", (1, 1)), ("right-anterior-superior", (-1, -1)),
                                           ("left-anterior-superior", (1, -1))])
@pytest.mark.parametrize("encoding", ["raw", "gzip"])
@pytest.mark.parametrize("dtype", ["int8", "uint8", "<i2", ">i2", "uint16", "<i4", ">f4", "float64"])
def test_nrrd_is_pynrrds(dtype, encoding, space, to_lps, tmp_path):
    values = np.random.default_rng(7).integers(0, 100, (5, 4, 12)).astype(dtype)  # pynrrd's order: x first
    header = {"space": space, "space directions": np.diag([0.5, 0.75, 2.5]), "space origin": [5, 6, -70], "encoding": encoding}
    nrrd.write(str(tmp_path / "ct.nhdr"), values, header, detached_header=True)
    values, header = nrrd.read(str(tmp_path / "ct.nhdr"))
    found, geometry = dump("nrrd", tmp_path / "ct.nhdr", tmp_path / "volume", np.int16)
    turned = values[:: to_lps[0], :: to_lps[1]].transpose(2, 1, 0)
    np.testing.assert_array_equal(found, turned)
    first = [0 if sign > 0 else -(size - 1) * step for sign, size, step in zip(to_lps, values.shape, (0.5, 0.75))]
    expected = [to_lps[0] * header["space origin"][0] + first[0], to_lps[1] * header["space origin"][1] + first[1], -70]
    np.testing.assert_allclose(geometry["origin"], expected)
    assert geometry["spacing"] == [2.5, 0.75, 0.5]
