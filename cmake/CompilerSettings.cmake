# Warnings, sanitizers and coverage for every target of the project: link to pleura_settings.
add_library(pleura_settings INTERFACE)
set(cxx_warnings -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion)
target_compile_options(pleura_settings INTERFACE
  "$<$<COMPILE_LANGUAGE:C,CXX>:${cxx_warnings}>"
  "$<$<COMPILE_LANG_AND_ID:CUDA,NVIDIA>:-Xcompiler=-Wall,-Wextra>"
  "$<$<COMPILE_LANG_AND_ID:CUDA,Clang>:-Wall;-Wextra;-Wshadow>")
set(sanitizer_options "")
if(PLEURA_SANITIZE)
  set(sanitizer_options -fsanitize=${PLEURA_SANITIZE} -fno-omit-frame-pointer)
  if(PLEURA_SANITIZE_ROOMS)
    list(APPEND sanitizer_options -O1)  # compiles faster
  else()
    target_compile_options(pleura_settings INTERFACE ${sanitizer_options})
  endif()
  target_link_options(pleura_settings INTERFACE -fsanitize=${PLEURA_SANITIZE})
endif()
if(PLEURA_COVERAGE)
  # Of the rooms whose coverage ./check bounds: counters in the kernels' loops would cost more than the rest of the tests. Atomic: counters of
  # code that runs on several threads would else come out wrong, even negative.
  target_compile_options(pleura_settings INTERFACE --coverage -fprofile-update=atomic "-fprofile-filter-files=/(layers|scan|screening|weights)/"
    "-fprofile-exclude-files=^/usr/\\;${PROJECT_SOURCE_DIR}/tests/\\;[.]/tests/")
  target_link_options(pleura_settings INTERFACE --coverage)
endif()

# set_room_options(SOURCE OPTION...): of one of the library's sources, or, where it compiles as one with its folder, of what CMake makes of that.
function(set_room_options source)
  get_property(own SOURCE ${source} TARGET_DIRECTORY pleura PROPERTY COMPILE_OPTIONS)
  if(own OR NOT PLEURA_UNITY)
    set_property(SOURCE ${source} TARGET_DIRECTORY pleura APPEND PROPERTY COMPILE_OPTIONS ${ARGN})
    return()
  endif()
  cmake_path(GET source PARENT_PATH room)
  cmake_path(RELATIVE_PATH room BASE_DIRECTORY ${PROJECT_SOURCE_DIR})
  string(MAKE_C_IDENTIFIER ${room} group)
  set_property(SOURCE ${PROJECT_BINARY_DIR}/CMakeFiles/pleura.dir/Unity/unity_${group}_cxx.cxx TARGET_DIRECTORY pleura
    PROPERTY COMPILE_OPTIONS ${ARGN})
endfunction()

# sanitize_rooms(): the library's sources in the rooms that PLEURA_SANITIZE_ROOMS names. The rest compiles as in any other build.
function(sanitize_rooms)
  get_target_property(sources pleura SOURCES)
  foreach(room ${PLEURA_SANITIZE_ROOMS})
    set(of_room ${sources})
    list(FILTER of_room INCLUDE REGEX "^${PROJECT_SOURCE_DIR}/${room}/")
    foreach(source ${of_room})
      set_room_options(${source} ${sanitizer_options})
    endforeach()
  endforeach()
endfunction()
