# The headers of cuDNN 9, 9.8 or later, for builds with CUDA: nothing is linked. PLEURA_CUDNN_INCLUDE names their folder; else
# build/cudnn-12 of tools/setup/cudnn.sh, the CUDA toolkit, the system and the wheels of build/venv are looked at. Gives PLEURA_CUDNN_HEADERS,
# a folder with nothing else in it, or empty: the variants of convolution on cuDNN are left out then. Says once what was decided.
set(PLEURA_CUDNN_INCLUDE "" CACHE PATH "Folder of cudnn_backend.h")
file(GLOB wheels "$ENV{PLEURA_VENV}/lib/python3*/site-packages/nvidia/cudnn/include")
find_file(cudnn_header cudnn_backend.h NO_CACHE NO_DEFAULT_PATH
  HINTS ${PLEURA_CUDNN_INCLUDE} $ENV{PLEURA_VENV}/../cudnn-12/include ${CUDAToolkit_INCLUDE_DIRS} /usr/local/cuda/include /usr/include ${wheels})
set(PLEURA_CUDNN_HEADERS "")
if(cudnn_header)
  cmake_path(GET cudnn_header PARENT_PATH cudnn_folder)
  file(STRINGS ${cudnn_folder}/cudnn_version.h cudnn_version REGEX "^#define CUDNN_M(AJOR|INOR) +[0-9]+")
  string(REGEX REPLACE "[^0-9]*([0-9]+)[^0-9]+([0-9]+)" "\\1.\\2" cudnn_version "${cudnn_version}")
  if(cudnn_version VERSION_GREATER_EQUAL 9.8 AND cudnn_version VERSION_LESS 10)
    # Alone: beside them may lie those of another CUDA than the build's, or of one that is emulated.
    set(PLEURA_CUDNN_HEADERS ${PROJECT_BINARY_DIR}/cudnn-headers)
    file(REMOVE_RECURSE ${PLEURA_CUDNN_HEADERS})
    file(MAKE_DIRECTORY ${PLEURA_CUDNN_HEADERS})
    file(GLOB cudnn_headers ${cudnn_folder}/cudnn*.h)
    foreach(header ${cudnn_headers})
      cmake_path(GET header FILENAME name)
      file(CREATE_LINK ${header} ${PLEURA_CUDNN_HEADERS}/${name} SYMBOLIC)
    endforeach()
    message(STATUS "pleura cuDNN: headers ${cudnn_version} in ${cudnn_folder}")
  else()
    message(STATUS "pleura cuDNN: left out, headers in ${cudnn_folder} are version ${cudnn_version}, expected 9.8 or a later 9")
  endif()
else()
  message(STATUS "pleura cuDNN: left out, no cudnn_backend.h: tools/setup/cudnn.sh fetches it, PLEURA_CUDNN_INCLUDE may name its folder")
endif()
