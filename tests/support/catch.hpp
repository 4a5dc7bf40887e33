// SPDX-License-Identifier: Apache-2.0
// Hides that Debian 12 ships Catch2 2 and Debian 13 ships Catch2 3.
#pragma once

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#define WECO_CATCH2_MAJOR 3
using Catch::Approx;  // as Catch2 2 has it
#else
#include <catch2/catch.hpp>
#define WECO_CATCH2_MAJOR 2
#endif
