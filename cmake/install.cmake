# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
#
# Installs the headers and the package that find_package(detent) finds.

include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(detent_package_dir "${CMAKE_INSTALL_DATADIR}/cmake/detent")
configure_package_config_file(
  "${PROJECT_SOURCE_DIR}/cmake/detent-config.cmake.in" "${PROJECT_BINARY_DIR}/detent-config.cmake"
  INSTALL_DESTINATION "${detent_package_dir}"
  NO_SET_AND_CHECK_MACRO)
# Before 1.0 a minor version may change the interface.
write_basic_package_version_file(
  "${PROJECT_BINARY_DIR}/detent-config-version.cmake"
  COMPATIBILITY SameMinorVersion
  ARCH_INDEPENDENT)

install(TARGETS detent detent_cuda EXPORT detent FILE_SET HEADERS)
install(EXPORT detent
  FILE detent-targets.cmake
  NAMESPACE detent::
  DESTINATION "${detent_package_dir}")
install(FILES
  "${PROJECT_BINARY_DIR}/detent-config.cmake"
  "${PROJECT_BINARY_DIR}/detent-config-version.cmake"
  DESTINATION "${detent_package_dir}")
