# The CUDA compiler of PLEURA_CUDA=on: nvcc 12 or 13, or clang with a CUDA 12 toolkit. Architectures are the user's, or by toolkit; says once
# what was decided.
set(pleura_user_architectures "${CMAKE_CUDA_ARCHITECTURES}")
if(NOT pleura_user_architectures AND DEFINED ENV{CUDAARCHS})
  set(pleura_user_architectures "$ENV{CUDAARCHS}")
endif()
if(NOT pleura_user_architectures)
  set(CMAKE_CUDA_ARCHITECTURES 75-real)  # for the compiler's own checks; the list below takes its place
endif()
enable_language(CUDA)
find_package(CUDAToolkit REQUIRED)
set(CMAKE_CUDA_STANDARD 20)
set(CMAKE_CUDA_STANDARD_REQUIRED ON)

if(pleura_user_architectures)
  set(CMAKE_CUDA_ARCHITECTURES "${pleura_user_architectures}")
  set(pleura_architectures_by "as given")
elseif(CUDAToolkit_VERSION VERSION_GREATER_EQUAL 13)
  # Turing, Ampere (A100, RTX 30), Ada, Hopper (with its own instructions), Blackwell (B200, RTX 50)
  set(CMAKE_CUDA_ARCHITECTURES 75-real 80-real 86-real 89-real 90a-real 100-real 120)
  set(pleura_architectures_by "all of CUDA ${CUDAToolkit_VERSION}; Pascal needs CUDA 12")
elseif(CUDAToolkit_VERSION VERSION_GREATER_EQUAL 12.8)
  # Pascal (GTX 10) as well
  set(CMAKE_CUDA_ARCHITECTURES 61-real 75-real 80-real 86-real 89-real 90-real 100-real 120)
  set(pleura_architectures_by "all of CUDA ${CUDAToolkit_VERSION}")
else()
  # Before Blackwell: it runs the last one's PTX
  set(CMAKE_CUDA_ARCHITECTURES 61-real 75-real 80-real 86-real 89-real 90)
  set(pleura_architectures_by "all of CUDA ${CUDAToolkit_VERSION}")
endif()
message(STATUS "pleura CUDA: ${CMAKE_CUDA_COMPILER_ID} ${CMAKE_CUDA_COMPILER_VERSION}, toolkit ${CUDAToolkit_VERSION}, "
  "architectures ${CMAKE_CUDA_ARCHITECTURES} (${pleura_architectures_by})")
