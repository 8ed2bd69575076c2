# What others link, pleura::pleura: the static library, or, with BUILD_SHARED_LIBS, a shared one of the same objects, which shows the public
# interface alone. The target's name is in PLEURA_LIBRARY.
configure_file(cmake/version.h.in include/pleura/version.h @ONLY)
file(GLOB public_headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/include/pleura/*)

# hide_symbols(TARGET): of its objects, which are part of the library, what is not marked PLEURA_API.
function(hide_symbols target)
  set_target_properties(${target} PROPERTIES C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden CUDA_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON)
endfunction()
hide_symbols(pleura)

set(PLEURA_LIBRARY pleura)
if(BUILD_SHARED_LIBS)
  set(PLEURA_LIBRARY pleura_shared)
  add_library(pleura_shared SHARED $<TARGET_OBJECTS:pleura>)
  # The archive brings what the objects need, with CUDA the objects of CUDA's own targets too.
  target_link_libraries(pleura_shared PRIVATE pleura)
  # Until 1.0 each minor version may break the interface.
  set(soname ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
  set_target_properties(pleura_shared PROPERTIES OUTPUT_NAME pleura EXPORT_NAME pleura LINKER_LANGUAGE CXX
    VERSION ${PROJECT_VERSION} SOVERSION ${soname})
  # Instances of the standard library's templates and symbols of static libraries inside are hidden by the linker alone.
  set(exports ${PROJECT_BINARY_DIR}/exports.map)
  configure_file(cmake/exports.map.in ${exports} @ONLY)
  target_link_options(pleura_shared PRIVATE -Wl,--version-script=${exports})
  set_target_properties(pleura_shared PROPERTIES LINK_DEPENDS ${exports})
endif()
add_library(pleura::pleura ALIAS ${PLEURA_LIBRARY})

set(libraries pleura ${PLEURA_LIBRARY})
list(REMOVE_DUPLICATES libraries)
foreach(library ${libraries})
  target_sources(${library} PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}/include ${PROJECT_BINARY_DIR}/include
    FILES ${public_headers} ${PROJECT_BINARY_DIR}/include/pleura/version.h)
endforeach()
