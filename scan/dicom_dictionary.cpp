#include "scan/dicom_dictionary.hpp"

namespace pleura::scan {
namespace {

struct Entry {
  DcmTagKey tag;
  DcmEVR vr;
  const char* name;
};

/// Elements that pleura reads, those that DCMTK's decoders ask a data set for, and those of a header that DCMTK writes.
const Entry entries[] = {
    {DCM_FileMetaInformationVersion, EVR_OB, "FileMetaInformationVersion"},
    {DCM_MediaStorageSOPClassUID, EVR_UI, "MediaStorageSOPClassUID"},
    {DCM_MediaStorageSOPInstanceUID, EVR_UI, "MediaStorageSOPInstanceUID"},
    {DCM_ImplementationClassUID, EVR_UI, "ImplementationClassUID"},
    {DCM_ImplementationVersionName, EVR_SH, "ImplementationVersionName"},
    {DCM_TransferSyntaxUID, EVR_UI, "TransferSyntaxUID"},
    {DCM_SpecificCharacterSet, EVR_CS, "SpecificCharacterSet"},
    {DCM_ImageType, EVR_CS, "ImageType"},
    {DCM_SOPClassUID, EVR_UI, "SOPClassUID"},
    {DCM_SOPInstanceUID, EVR_UI, "SOPInstanceUID"},
    {DCM_StudyDate, EVR_DA, "StudyDate"},
    {DCM_AcquisitionDateTime, EVR_DT, "AcquisitionDateTime"},
    {DCM_AcquisitionTime, EVR_TM, "AcquisitionTime"},
    {DCM_AccessionNumber, EVR_SH, "AccessionNumber"},
    {DCM_Modality, EVR_CS, "Modality"},
    {DCM_Manufacturer, EVR_LO, "Manufacturer"},
    {DCM_StudyDescription, EVR_LO, "StudyDescription"},
    {DCM_SeriesDescription, EVR_LO, "SeriesDescription"},
    {DCM_ManufacturerModelName, EVR_LO, "ManufacturerModelName"},
    {DCM_PatientName, EVR_PN, "PatientName"},
    {DCM_PatientID, EVR_LO, "PatientID"},
    {DCM_ContrastBolusAgent, EVR_LO, "ContrastBolusAgent"},
    {DCM_BodyPartExamined, EVR_CS, "BodyPartExamined"},
    {DCM_KVP, EVR_DS, "KVP"},
    {DCM_EchoTime, EVR_DS, "EchoTime"},
    {DCM_ProtocolName, EVR_LO, "ProtocolName"},
    {DCM_GantryDetectorTilt, EVR_DS, "GantryDetectorTilt"},
    {DCM_ConvolutionKernel, EVR_SH, "ConvolutionKernel"},
    {DCM_CTReconstructionSequence, EVR_SQ, "CTReconstructionSequence"},
    {DCM_StudyInstanceUID, EVR_UI, "StudyInstanceUID"},
    {DCM_SeriesInstanceUID, EVR_UI, "SeriesInstanceUID"},
    {DCM_SeriesNumber, EVR_IS, "SeriesNumber"},
    {DCM_AcquisitionNumber, EVR_IS, "AcquisitionNumber"},
    {DCM_InstanceNumber, EVR_IS, "InstanceNumber"},
    {DCM_ImagePositionPatient, EVR_DS, "ImagePositionPatient"},
    {DCM_ImageOrientationPatient, EVR_DS, "ImageOrientationPatient"},
    {DCM_FrameOfReferenceUID, EVR_UI, "FrameOfReferenceUID"},
    {DCM_PlanePositionSequence, EVR_SQ, "PlanePositionSequence"},
    {DCM_PlaneOrientationSequence, EVR_SQ, "PlaneOrientationSequence"},
    {DCM_SamplesPerPixel, EVR_US, "SamplesPerPixel"},
    {DCM_PhotometricInterpretation, EVR_CS, "PhotometricInterpretation"},
    {DCM_PlanarConfiguration, EVR_US, "PlanarConfiguration"},
    {DCM_NumberOfFrames, EVR_IS, "NumberOfFrames"},
    {DCM_Rows, EVR_US, "Rows"},
    {DCM_Columns, EVR_US, "Columns"},
    {DCM_PixelSpacing, EVR_DS, "PixelSpacing"},
    {DCM_BitsAllocated, EVR_US, "BitsAllocated"},
    {DCM_BitsStored, EVR_US, "BitsStored"},
    {DCM_HighBit, EVR_US, "HighBit"},
    {DCM_PixelRepresentation, EVR_US, "PixelRepresentation"},
    {DCM_PixelPaddingValue, EVR_xs, "PixelPaddingValue"},
    {DCM_PixelPaddingRangeLimit, EVR_xs, "PixelPaddingRangeLimit"},
    {DCM_RescaleIntercept, EVR_DS, "RescaleIntercept"},
    {DCM_RescaleSlope, EVR_DS, "RescaleSlope"},
    {DCM_RescaleType, EVR_LO, "RescaleType"},
    {DCM_LossyImageCompression, EVR_CS, "LossyImageCompression"},
    {DCM_ModalityLUTSequence, EVR_SQ, "ModalityLUTSequence"},
    {DCM_LUTDescriptor, EVR_xs, "LUTDescriptor"},
    {DCM_ModalityLUTType, EVR_LO, "ModalityLUTType"},
    {DCM_LUTData, EVR_lt, "LUTData"},
    {DCM_PixelMeasuresSequence, EVR_SQ, "PixelMeasuresSequence"},
    {DCM_PixelValueTransformationSequence, EVR_SQ, "PixelValueTransformationSequence"},
    {DCM_SharedFunctionalGroupsSequence, EVR_SQ, "SharedFunctionalGroupsSequence"},
    {DCM_PerFrameFunctionalGroupsSequence, EVR_SQ, "PerFrameFunctionalGroupsSequence"},
    {DCM_PixelData, EVR_px, "PixelData"},
};

}  // namespace

void add_elements(DcmDataDictionary& dictionary) {
  for (const auto& [tag, vr, name] : entries)
    dictionary.addEntry(new DcmDictEntry(tag.getGroup(), tag.getElement(), DcmVR(vr), name, 1, DcmVariableVM, "DICOM",
                                         OFFalse, nullptr));
}

}  // namespace pleura::scan
