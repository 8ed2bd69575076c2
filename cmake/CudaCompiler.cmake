# The CUDA compiler of PLEURA_CUDA=on: nvcc 12 or 13, or clang with a CUDA 12 toolkit. Architectures are the user's, or by toolkit; says once
# what was decided.
set(user_architectures "${CMAKE_CUDA_ARCHITECTURES}")
if(NOT user_architectures)
  set(user_architectures "$ENV{CUDAARCHS}")
endif()
if(NOT user_architectures)
  set(CMAKE_CUDA_ARCHITECTURES 75-real)  # for the compiler's own checks; the list below takes its place
endif()
enable_language(CUDA)
# Debian 12's CMake, 3.25.1, stops where a toolkit lacks nvToolsExt, but for projects that ask for an older CMake.
set(required_cmake ${CMAKE_MINIMUM_REQUIRED_VERSION})
set(CMAKE_MINIMUM_REQUIRED_VERSION 3.24)
find_package(CUDAToolkit REQUIRED)
set(CMAKE_MINIMUM_REQUIRED_VERSION ${required_cmake})

# By its headers: clang's toolkit of wheels has a later nvcc beside them, which compiles nothing.
list(GET CUDAToolkit_INCLUDE_DIRS 0 cuda_headers)
file(STRINGS ${cuda_headers}/cuda.h cuda_version REGEX "^#define CUDA_VERSION +[0-9]+")
string(REGEX REPLACE ".* ([0-9]+)([0-9][0-9])0$" "\\1.\\2" cuda_version "${cuda_version}")
string(REGEX REPLACE "\\.0" "." cuda_version "${cuda_version}")
if(cuda_version VERSION_LESS 12)
  message(FATAL_ERROR "CUDA ${cuda_version} in ${cuda_headers}: expected 12 or 13")
endif()

# CMake before 3.26 does not know that nvcc 12 and later speak C++20.
if(NOT CMAKE_CUDA20_STANDARD_COMPILE_OPTION)
  set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION -std=c++20)
  set(CMAKE_CUDA20_EXTENSION_COMPILE_OPTION -std=c++20)
endif()
set(CMAKE_CUDA_STANDARD 20)
set(CMAKE_CUDA_STANDARD_REQUIRED ON)
set(CMAKE_CUDA_EXTENSIONS OFF)

if(user_architectures)
  set(CMAKE_CUDA_ARCHITECTURES "${user_architectures}")
  set(chosen_by "as given")
else()
  set(chosen_by "all that CUDA ${cuda_version} has of use")
  # Turing, Ampere (A100, RTX 30), Ada; then Hopper and Blackwell (B200, RTX 50), the last one also as PTX for what is to come
  set(CMAKE_CUDA_ARCHITECTURES 75-real 80-real 86-real 89-real)
  if(cuda_version VERSION_GREATER_EQUAL 13)
    list(APPEND CMAKE_CUDA_ARCHITECTURES 90a-real 100-real 120)
    string(APPEND chosen_by "; GTX 10 needs CUDA 12")
  elseif(cuda_version VERSION_GREATER_EQUAL 12.8)
    list(PREPEND CMAKE_CUDA_ARCHITECTURES 61-real)  # Pascal (GTX 10)
    list(APPEND CMAKE_CUDA_ARCHITECTURES 90-real 100-real 120)
  else()
    list(PREPEND CMAKE_CUDA_ARCHITECTURES 61-real)
    list(APPEND CMAKE_CUDA_ARCHITECTURES 90)
  endif()
endif()
list(JOIN CMAKE_CUDA_ARCHITECTURES " " built)
set(built "${CMAKE_CUDA_COMPILER_ID} ${CMAKE_CUDA_COMPILER_VERSION}, CUDA ${cuda_version}, architectures ${built} (${chosen_by})")
message(STATUS "pleura CUDA: ${built}")
file(WRITE ${PROJECT_BINARY_DIR}/cuda-build.txt "${built}\n")  # for tools/gpu-acceptance
