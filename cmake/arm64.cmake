# SPDX-License-Identifier: Apache-2.0
# A Raspberry Pi with a 64-bit Debian, built on another machine. WECO_SYSROOT holds its libraries
# (tools/arm64 puts them there).
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_CXX_FLAGS_INIT "-isystem $ENV{WECO_SYSROOT}/usr/include/aarch64-linux-gnu")
set(CMAKE_FIND_ROOT_PATH "$ENV{WECO_SYSROOT}")
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(ENV{PKG_CONFIG_SYSROOT_DIR} "$ENV{WECO_SYSROOT}")
set(ENV{PKG_CONFIG_LIBDIR}
    "$ENV{WECO_SYSROOT}/usr/lib/aarch64-linux-gnu/pkgconfig:$ENV{WECO_SYSROOT}/usr/share/pkgconfig")
set(libraries "$ENV{WECO_SYSROOT}/usr/lib/aarch64-linux-gnu")
set(CMAKE_EXE_LINKER_FLAGS_INIT "-L${libraries} -Wl,-rpath-link,${libraries}")
