# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
#
# Script: one case of cmake/test_builds.cmake, in the empty folder FOLDER. OTHER is the CMake of the case.

cmake_minimum_required(VERSION 3.25)

set(ENV{CXXFLAGS})
set(ENV{CMAKE_BUILD_TYPE})
# A download fails at once.
set(ENV{http_proxy} "http://127.0.0.1:9")
set(ENV{https_proxy} "http://127.0.0.1:9")
file(REMOVE_RECURSE "${FOLDER}")
file(MAKE_DIRECTORY "${FOLDER}")
if(NOT OTHER)
  set(OTHER "${CMAKE_COMMAND}")
endif()

# Configures `source` in FOLDER/`name` with `cmake`. A warning is a failure. Sets configure_output.
function(configure cmake source name)
  execute_process(
    COMMAND "${cmake}" -G "${GENERATOR}" -S "${source}" -B "${FOLDER}/${name}" -Werror=dev --no-warn-unused-cli
      "-DCMAKE_MAKE_PROGRAM=${MAKE_PROGRAM}" "-DCMAKE_CXX_COMPILER=${COMPILER}"
      "-DCONSUMED_SOURCE=${ROOT}" "-DEXPECTED_VERSION=${VERSION}"
      "-DFETCHCONTENT_SOURCE_DIR_DETENT=${ROOT}" ${ARGN}
    RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE errors)
  if(result OR errors MATCHES "[^ \n]")
    message(FATAL_ERROR "${name}: exit code ${result}\n${output}\n${errors}")
  endif()
  set(configure_output "${output}" PARENT_SCOPE)
endfunction()

# Builds FOLDER/`name` and runs its program.
function(build_and_run cmake name)
  foreach(time first second)
    execute_process(COMMAND "${cmake}" --build "${FOLDER}/${name}"
      OUTPUT_VARIABLE output COMMAND_ERROR_IS_FATAL ANY)
    if(output MATCHES "Re-checking globbed directories")
      message(FATAL_ERROR "${name}: the ${time} build looks for new headers of the library")
    endif()
  endforeach()
  execute_process(COMMAND "${FOLDER}/${name}/consumer" COMMAND_ERROR_IS_FATAL ANY)
endfunction()

function(install_to_prefix cmake name)
  execute_process(COMMAND "${cmake}" --install "${FOLDER}/${name}" --prefix "${FOLDER}/${name}_prefix"
    OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
  foreach(header detent.hpp cuda/snap.cuh)
    if(NOT EXISTS "${FOLDER}/${name}_prefix/include/detent/${header}")
      message(FATAL_ERROR "${name}: include/detent/${header} is not installed")
    endif()
  endforeach()
endfunction()

set(consumers "${ROOT}/tests/consumers")
set(without_parts
  -DDETENT_BUILD_TESTS=OFF -DDETENT_BUILD_BENCHMARKS=OFF -DDETENT_BUILD_EXAMPLES=OFF)

if(CASE STREQUAL "requests")
  configure("${OTHER}" "${ROOT}" detent ${without_parts})
  install_to_prefix("${OTHER}" detent)
  configure("${OTHER}" "${consumers}/requests" installed "-DCMAKE_PREFIX_PATH=${FOLDER}/detent_prefix")
  configure("${OTHER}" "${consumers}/requests" in_build_folder "-DCMAKE_PREFIX_PATH=${FOLDER}/detent")

elseif(CASE STREQUAL "exported")
  configure("${OTHER}" "${consumers}/exported" fetched -DCONSUMER_FETCHES=ON
    -DFETCHCONTENT_FULLY_DISCONNECTED=ON)
  install_to_prefix("${OTHER}" fetched)
  configure("${OTHER}" "${consumers}/exported" added)
  install_to_prefix("${OTHER}" added)
  configure("${OTHER}" "${consumers}/exported_user" user "-DCMAKE_PREFIX_PATH=${FOLDER}/added_prefix")
  build_and_run("${OTHER}" user)
  # The targets that were not installed, as a superproject uses them.
  configure("${OTHER}" "${consumers}/exported_user" build_folder_user
    "-DCMAKE_PREFIX_PATH=${FOLDER}/added" "-Ddetent_DIR=${FOLDER}/added/detent")
  # EXCLUDE_FROM_ALL leaves detent out of what the project installs.
  configure("${OTHER}" "${consumers}/exported" excluded -DCONSUMER_ADDS=EXCLUDE_FROM_ALL)
  execute_process(COMMAND "${OTHER}" --install "${FOLDER}/excluded" --prefix "${FOLDER}/excluded_prefix"
    OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
  if(EXISTS "${FOLDER}/excluded_prefix/include" OR NOT EXISTS "${FOLDER}/excluded_prefix/lib/cmake/exported")
    message(FATAL_ERROR "excluded: detent is installed, or the project is not")
  endif()

elseif(CASE MATCHES "^twice_(.*)$")
  string(REPLACE "_" ";" ways "${CMAKE_MATCH_1}")
  set(prefix)
  if("find" IN_LIST ways)
    configure("${OTHER}" "${ROOT}" detent ${without_parts})
    install_to_prefix("${OTHER}" detent)
    set(prefix "${FOLDER}/detent_prefix")
  endif()
  list(JOIN ways "\\;" ways)
  configure("${OTHER}" "${consumers}/twice" consumer "-DCONSUMER_WAYS=${ways}" "-DCMAKE_PREFIX_PATH=${prefix}")
  build_and_run("${OTHER}" consumer)

elseif(CASE STREQUAL "old_parent")
  foreach(minimum 3.10 3.16 3.20 "${CMAKE_VERSION}")
    configure("${OTHER}" "${consumers}/old_parent" "minimum_${minimum}" "-DCONSUMER_MINIMUM=${minimum}")
  endforeach()

elseif(CASE STREQUAL "plain")
  # Without any package, without tests' packages alone, and without one of each part.
  set(packages doctest Eigen3 nlohmann_json TBB benchmark CLI11 ZLIB OpenMP)
  foreach(missing "${packages}" doctest Eigen3 CLI11 benchmark)
    set(disabled)
    foreach(package IN LISTS missing)
      list(APPEND disabled "-DCMAKE_DISABLE_FIND_PACKAGE_${package}=ON")
    endforeach()
    configure("${CMAKE_COMMAND}" "${ROOT}" plain ${disabled})
    foreach(part_and_needs tests:doctest,Eigen3,nlohmann_json,TBB benchmarks:benchmark,Eigen3
                           examples:Eigen3,CLI11,nlohmann_json,ZLIB)
      string(REGEX MATCH "^(.*):(.*)$" matched "${part_and_needs}")
      set(part "${CMAKE_MATCH_1}")
      string(REPLACE "," ";" needs "${CMAKE_MATCH_2}")
      foreach(package IN LISTS missing)
        if(package IN_LIST needs AND NOT configure_output MATCHES "detent: no ${part}, for want of [^\n]*${package}")
          message(FATAL_ERROR "without ${package}: nothing said of the ${part}\n${configure_output}")
        endif()
      endforeach()
    endforeach()
    if(EXISTS "${FOLDER}/plain/_deps")
      message(FATAL_ERROR "without ${missing}: something is downloaded")
    endif()
    file(REMOVE_RECURSE "${FOLDER}/plain")
  endforeach()
  # Asked for by name, a part says what it lacks.
  execute_process(
    COMMAND "${CMAKE_COMMAND}" -G "${GENERATOR}" -S "${ROOT}" -B "${FOLDER}/plain"
      "-DCMAKE_MAKE_PROGRAM=${MAKE_PROGRAM}" "-DCMAKE_CXX_COMPILER=${COMPILER}" ${without_parts}
      -DDETENT_BUILD_EXAMPLES=ON -DCMAKE_DISABLE_FIND_PACKAGE_CLI11=ON
    RESULT_VARIABLE result OUTPUT_QUIET ERROR_VARIABLE errors)
  if(NOT result OR NOT errors MATCHES "CLI11 not found; install it with")
    message(FATAL_ERROR "DETENT_BUILD_EXAMPLES=ON without CLI11: exit code ${result}\n${errors}")
  endif()

elseif(CASE STREQUAL "other_cmake")
  # What one CMake has installed, another one uses, and each way works with the other one.
  configure("${CMAKE_COMMAND}" "${ROOT}" detent ${without_parts})
  install_to_prefix("${CMAKE_COMMAND}" detent)
  configure("${OTHER}" "${ROOT}" other_detent)
  install_to_prefix("${OTHER}" other_detent)
  configure("${OTHER}" "${consumers}/twice" found
    -DCONSUMER_WAYS=find "-DCMAKE_PREFIX_PATH=${FOLDER}/detent_prefix")
  build_and_run("${OTHER}" found)
  configure("${CMAKE_COMMAND}" "${consumers}/twice" found_other
    -DCONSUMER_WAYS=find "-DCMAKE_PREFIX_PATH=${FOLDER}/other_detent_prefix")
  build_and_run("${CMAKE_COMMAND}" found_other)
  foreach(way add fetch)
    configure("${OTHER}" "${consumers}/twice" "${way}" "-DCONSUMER_WAYS=${way}")
    build_and_run("${OTHER}" "${way}")
  endforeach()
  configure("${OTHER}" "${consumers}/requests" requests "-DCMAKE_PREFIX_PATH=${FOLDER}/detent_prefix")

else()
  message(FATAL_ERROR "no case '${CASE}'")
endif()
