# Warnings, sanitizers and coverage for every target of the project: link to pleura_settings.
add_library(pleura_settings INTERFACE)
set(cxx_warnings -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion)
target_compile_options(pleura_settings INTERFACE
  "$<$<COMPILE_LANGUAGE:C,CXX>:${cxx_warnings}>"
  "$<$<COMPILE_LANG_AND_ID:CUDA,NVIDIA>:-Xcompiler=-Wall,-Wextra>"
  "$<$<COMPILE_LANG_AND_ID:CUDA,Clang>:-Wall;-Wextra;-Wshadow>")
if(PLEURA_SANITIZE)
  target_compile_options(pleura_settings INTERFACE -fsanitize=${PLEURA_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(pleura_settings INTERFACE -fsanitize=${PLEURA_SANITIZE})
endif()
if(PLEURA_COVERAGE)
  # Atomic: counters of code that runs on several threads would else come out wrong, even negative.
  target_compile_options(pleura_settings INTERFACE --coverage -fprofile-update=atomic)
  target_link_options(pleura_settings INTERFACE --coverage)
endif()
