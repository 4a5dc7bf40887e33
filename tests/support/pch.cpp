// SPDX-License-Identifier: Apache-2.0
// Carries the precompiled Catch2 header that every test program reuses.
#include "tests/support/catch.hpp"
