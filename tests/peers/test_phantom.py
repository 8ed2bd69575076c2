"""The phantom's DICOM series against pydicom: the attributes that CT Image Storage requires, and the voxels."""

import json
import subprocess

import nibabel
import numpy as np
import pydicom
import pytest

# DICOM PS3.3 A.3: type 1 attributes hold a value, type 2 ones are there.
TYPE_1 = """SOPClassUID SOPInstanceUID StudyInstanceUID SeriesInstanceUID Modality FrameOfReferenceUID ImageType
    PixelSpacing ImageOrientationPatient ImagePositionPatient SamplesPerPixel PhotometricInterpretation Rows Columns
    BitsAllocated BitsStored HighBit PixelRepresentation PixelData RescaleIntercept RescaleSlope RescaleType""".split()
TYPE_2 = """PatientName PatientID PatientBirthDate PatientSex StudyDate StudyTime ReferringPhysicianName StudyID
    AccessionNumber SeriesNumber PositionReferenceIndicator Manufacturer InstanceNumber SliceThickness KVP
    AcquisitionNumber PatientPosition""".split()


@pytest.fixture(scope="module")
def phantom(programs, tmp_path_factory):
    folder = tmp_path_factory.mktemp("phantom")
    for kind in ("dicom", "nifti"):
        subprocess.run(
            [programs / "pleura", "phantom", "--seed", "5", "--findings", "covid19", "--slices", "12", "--spacing",
             "18,4,5", "--matrix", "80", "--format", kind, "--out", folder / kind], check=True)  # fmt: skip
    return folder


@pytest.fixture(scope="module")
def slices(phantom):
    return [pydicom.dcmread(file) for file in sorted((phantom / "dicom" / "ct").iterdir())]


def test_required_attributes(slices):
    assert len(slices) == 12
    for image in slices:
        assert image.file_meta.FileMetaInformationVersion == b"\0\1"
        assert image.file_meta.TransferSyntaxUID == pydicom.uid.ExplicitVRLittleEndian
        assert image.file_meta.MediaStorageSOPInstanceUID == image.SOPInstanceUID
        assert image.SOPClassUID == pydicom.uid.CTImageStorage
        for name in TYPE_1:
            assert name in image and image[name].value not in (None, ""), name
        for name in TYPE_2:
            assert name in image, name
        for name in ("SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID"):
            assert pydicom.uid.UID(image[name].value).is_valid
        assert (image.Modality, image.ImageType[2], image.PhotometricInterpretation) == ("CT", "AXIAL", "MONOCHROME2")
        assert len(image.PixelData) == 2 * image.Rows * image.Columns


def test_series_belongs_together(slices):
    for name in ("StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID", "PatientID"):
        assert len({image[name].value for image in slices}) == 1
    assert len({image.SOPInstanceUID for image in slices}) == 12
    heights = [float(image.ImagePositionPatient[2]) for image in slices]
    np.testing.assert_allclose(np.diff(heights), 18)


def test_values_stay_legal(phantom, monkeypatch):
    """pydicom's rules for the length and characters of each value representation."""
    monkeypatch.setattr(pydicom.config.settings, "reading_validation_mode", pydicom.config.RAISE)
    for file in (phantom / "dicom" / "ct").iterdir():
        assert len([element.value for element in pydicom.dcmread(file).iterall()]) > 40


def test_voxels_are_the_niftis(phantom, slices):
    hu = np.stack([image.pixel_array * float(image.RescaleSlope) + float(image.RescaleIntercept) for image in slices])
    nifti = nibabel.load(phantom / "nifti" / "ct.nii.gz")
    truth = json.loads((phantom / "nifti" / "truth.json").read_text())
    voxels = np.asarray(nifti.dataobj)
    # NIfTI's world is RAS: where its first two axes run against ours they are turned here.
    lps = np.diag([-1, -1, 1, 1]) @ nifti.affine
    for axis in range(3):
        if lps[axis, axis] < 0:
            voxels = np.flip(voxels, axis)
    np.testing.assert_array_equal(hu, voxels.transpose(2, 1, 0))
    np.testing.assert_allclose(slices[0].ImagePositionPatient, truth["geometry"]["origin_mm"], atol=1e-9)
    assert [18, *slices[0].PixelSpacing] == truth["geometry"]["spacing_mm"]
