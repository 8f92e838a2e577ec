# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
#
# Installs the headers and the package that find_package(detent) finds, and writes the same package to
# the build folder. A project that holds the library's sources gets the rules as well: the targets that
# it exports may link detent::detent. GNUInstallDirs would leave its cache entries in that project.

include(CMakePackageConfigHelpers)

# The folders of GNUInstallDirs, where the project uses it.
set(detent_include_dir include)
if(CMAKE_INSTALL_INCLUDEDIR)
  set(detent_include_dir "${CMAKE_INSTALL_INCLUDEDIR}")
endif()
set(detent_data_dir share)
if(CMAKE_INSTALL_DATADIR)
  set(detent_data_dir "${CMAKE_INSTALL_DATADIR}")
endif()
set(detent_package_dir "${detent_data_dir}/cmake/detent")

target_include_directories(detent INTERFACE "$<INSTALL_INTERFACE:${detent_include_dir}>")
configure_package_config_file(
  "${PROJECT_SOURCE_DIR}/cmake/detent-config.cmake.in" "${PROJECT_BINARY_DIR}/detent-config.cmake"
  INSTALL_DESTINATION "${detent_package_dir}"
  NO_SET_AND_CHECK_MACRO)
configure_file(
  "${PROJECT_SOURCE_DIR}/cmake/detent-config-version.cmake.in"
  "${PROJECT_BINARY_DIR}/detent-config-version.cmake" @ONLY)

install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/detent" DESTINATION "${detent_include_dir}"
  FILES_MATCHING PATTERN "*.hpp" PATTERN "*.cuh")
install(TARGETS detent detent_cuda EXPORT detent)
install(EXPORT detent
  FILE detent-targets.cmake
  NAMESPACE detent::
  DESTINATION "${detent_package_dir}")
install(FILES
  "${PROJECT_BINARY_DIR}/detent-config.cmake"
  "${PROJECT_BINARY_DIR}/detent-config-version.cmake"
  DESTINATION "${detent_package_dir}")
export(EXPORT detent NAMESPACE detent:: FILE "${PROJECT_BINARY_DIR}/detent-targets.cmake")
