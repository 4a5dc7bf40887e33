# SPDX-License-Identifier: Apache-2.0
# The microcontroller that the core is proved on: Cortex-M4, no floating-point unit, no operating
# system, nothing of a C library. What the core needs beyond its own code is in firmware/.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR cortex-m4)
set(CMAKE_C_COMPILER arm-none-eabi-gcc)
set(CMAKE_CXX_COMPILER arm-none-eabi-g++)
set(CMAKE_ASM_COMPILER arm-none-eabi-gcc)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)

set(weco_target_flags "-mcpu=cortex-m4 -mthumb -mfloat-abi=soft -ffreestanding")
string(APPEND weco_target_flags " -ffunction-sections -fdata-sections")
set(CMAKE_C_FLAGS_INIT "${weco_target_flags}")
set(CMAKE_ASM_FLAGS_INIT "${weco_target_flags}")
set(CMAKE_CXX_FLAGS_INIT "${weco_target_flags} -fno-exceptions -fno-rtti -fno-threadsafe-statics \
-fno-asynchronous-unwind-tables -fno-unwind-tables -fno-use-cxa-atexit -fstack-usage")
