#pragma once
/// The part of CUDA's library_types.h that headers of CUDA's libraries ask for, under CUDA's own names.

enum libraryPropertyType { MAJOR_VERSION, MINOR_VERSION, PATCH_LEVEL };
