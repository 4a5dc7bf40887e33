# SPDX-License-Identifier: Apache-2.0
# Configures and builds the preset core-arm in a folder of its own: every library of the core and
# the image of one tower. Quiet unless it fails.
set(ENV{WECO_LAUNCHER} "${launcher}")
foreach(step "--preset;core-arm;-S;${source};-B;${build}" "--build;${build}")
  execute_process(COMMAND "${CMAKE_COMMAND}" ${step} WORKING_DIRECTORY "${source}"
    RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${output}")
  endif()
endforeach()
