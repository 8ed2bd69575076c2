# PLEURA_CUDA: off, emulated (the CUDA code on the CPU, for tests) or on (for GPUs). Gives the target pleura_cuda_runtime, which CUDA
# code links to.
set(PLEURA_CUDA off CACHE STRING "CUDA: off, emulated (on the CPU, for tests) or on")
set_property(CACHE PLEURA_CUDA PROPERTY STRINGS off emulated on)
string(TOLOWER "${PLEURA_CUDA}" PLEURA_CUDA)

add_library(pleura_cuda_runtime INTERFACE)
if(PLEURA_CUDA STREQUAL "emulated")
  add_subdirectory(tests/emulator)
  target_link_libraries(pleura_cuda_runtime INTERFACE cuda_emulator)
elseif(PLEURA_CUDA STREQUAL "on")
  include(CudaCompiler)
  set(CMAKE_DISABLE_PRECOMPILE_HEADERS ON)  # CMake names and begins those of C++ as the CUDA compiler wants its own
  target_link_libraries(pleura_cuda_runtime INTERFACE CUDA::cudart_static)
elseif(NOT PLEURA_CUDA STREQUAL "off")
  message(FATAL_ERROR "PLEURA_CUDA is ${PLEURA_CUDA}: expected off, emulated or on")
endif()

if(NOT PLEURA_CUDA STREQUAL "off")
  include(Cudnn)
endif()

# pleura_cuda_sources(TARGET SOURCES x.cu ... HEADERS y.cuh ...): adds CUDA code of this folder to a target, as PLEURA_CUDA says.
function(pleura_cuda_sources target)
  cmake_parse_arguments(arg "" "" "SOURCES;HEADERS" ${ARGN})
  if(PLEURA_CUDA STREQUAL "emulated")
    emulate_cuda(${target} SOURCES ${arg_SOURCES} HEADERS ${arg_HEADERS})
  else()
    target_sources(${target} PRIVATE ${arg_SOURCES} ${arg_HEADERS})
  endif()
endfunction()
