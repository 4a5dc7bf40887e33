# SPDX-License-Identifier: Apache-2.0
# Adds the image to a build of the core. The preset core-arm names this file as
# CMAKE_PROJECT_weco_INCLUDE; the libraries that the image links are defined afterwards, which is
# early enough for the linker.
add_subdirectory("${CMAKE_SOURCE_DIR}/firmware")
