# SPDX-License-Identifier: Apache-2.0
# How every target of the house is made.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
# Identical results everywhere: no contraction of a*b+c into one rounding.
add_compile_options(-ffp-contract=off)

add_library(weco_warnings INTERFACE)
target_compile_options(weco_warnings INTERFACE -Wall -Wextra -Wconversion -Wshadow -Wvla
                       $<$<BOOL:${WECO_WERROR}>:-Werror>)
target_include_directories(weco_warnings INTERFACE "${PROJECT_SOURCE_DIR}")

# weco_library(NAME SOURCES a.cpp ... DEPENDS lib ...): a folder's library, all includes from the
# root.
function(weco_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS" ${ARGN})
  if(arg_SOURCES)
    add_library(${name} STATIC ${arg_SOURCES})
    target_link_libraries(${name} PUBLIC weco_warnings ${arg_DEPENDS})
  else()
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE weco_warnings ${arg_DEPENDS})
  endif()
endfunction()

# weco_hot_library: the same for what a simulation runs millions of times a second. Only the shipped
# build pays for it: the files of one cycle are optimised together.
function(weco_hot_library name)
  weco_library(${name} ${ARGN})
  get_target_property(kind ${name} TYPE)
  if(NOT kind STREQUAL "INTERFACE_LIBRARY")
    target_compile_options(${name} PRIVATE $<$<CONFIG:Release>:-O3>)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")  # Clang would want a linker of its own for it
      set_target_properties(${name} PROPERTIES INTERPROCEDURAL_OPTIMIZATION_RELEASE ON)
    endif()
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
      # Structures of some hundred bytes are cleared and copied once a cycle: the processor's string
      # instructions take longer to start than that takes. Their code is made when a program is
      # linked, so the linker hears it too.
      set(unrolled "unrolled_loop:512:noalign,libcall:-1:noalign")
      set(strategies $<$<CONFIG:Release>:-mmemset-strategy=${unrolled}>
                     $<$<CONFIG:Release>:-mmemcpy-strategy=${unrolled}>)
      target_compile_options(${name} PRIVATE ${strategies})
      target_link_options(${name} INTERFACE $<$<CONFIG:Release>:-O3> ${strategies})
    endif()
  endif()
endfunction()

# weco_core_library: the same for what also runs on a microcontroller.
function(weco_core_library name)
  weco_hot_library(${name} ${ARGN})
  get_target_property(kind ${name} TYPE)
  if(NOT kind STREQUAL "INTERFACE_LIBRARY")
    target_compile_options(${name} PRIVATE -fno-exceptions -fno-rtti -fno-threadsafe-statics)
  endif()
endfunction()

# weco_test(NAME SOURCES ... DEPENDS ...): one Catch2 program, one CTest entry.
function(weco_test name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS;LABELS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_DEPENDS} weco_test_main)
  target_compile_options(${name} PRIVATE ${WECO_TEST_OPTIONS})
  target_precompile_headers(${name} REUSE_FROM weco_test_pch)
  target_compile_definitions(${name} PRIVATE
    WECO_VECTORS="${PROJECT_SOURCE_DIR}/tests/vectors" WECO_SOURCE="${PROJECT_SOURCE_DIR}")
  add_test(NAME ${name} COMMAND ${name})
  if(arg_LABELS)
    set_tests_properties(${name} PROPERTIES LABELS "${arg_LABELS}")
  endif()
endfunction()

# weco_bench(NAME SOURCES ... DEPENDS ...): one Google Benchmark program.
function(weco_bench name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS" ${ARGN})
  if(WECO_BENCH)
    add_executable(${name} ${arg_SOURCES})
    target_link_libraries(${name} PRIVATE ${arg_DEPENDS} benchmark::benchmark_main weco_platform)
  endif()
endfunction()

# weco_fuzz(NAME SOURCES ... DEPENDS ...): one libFuzzer target; needs clang.
function(weco_fuzz name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS" ${ARGN})
  if(WECO_FUZZ)
    add_executable(${name} ${arg_SOURCES})
    target_link_libraries(${name} PRIVATE ${arg_DEPENDS} weco_platform)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  endif()
endfunction()
