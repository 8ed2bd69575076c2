# `cmake --install`: library, headers, command and a CMake package, so that find_package(pleura) gives pleura::pleura.
include(CMakePackageConfigHelpers)

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/pleura)
install(TARGETS pleura EXPORT pleuraTargets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
  FILE_SET HEADERS)
if(TARGET pleura_command)
  install(TARGETS pleura_command RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

install(EXPORT pleuraTargets NAMESPACE pleura:: DESTINATION ${package_folder})
configure_package_config_file(cmake/pleuraConfig.cmake.in pleuraConfig.cmake INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(pleuraConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/pleuraConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/pleuraConfigVersion.cmake
  DESTINATION ${package_folder})
