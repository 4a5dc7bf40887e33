// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "sim/kernels/exp.hpp"
#include "sim/kernels/random.hpp"
#include "tests/support/catch.hpp"

using namespace weco::sim;

TEST_CASE("the house's exponential function is within one unit in the last place", "[TK-08]") {
  double worst = 0.0;
  for (int i = -70800; i <= 70900; ++i) {
    const double x = i * 0.01 + 1e-5;
    if (x > 709.0) break;
    const long double exact = std::exp(static_cast<long double>(x));
    const double error = static_cast<double>((exp_of(x) - exact) / exact);
    worst = std::max(worst, std::abs(error));
  }
  CHECK(worst < 0x1p-52);
  CHECK(exp_of(0.0) == 1.0);
  CHECK(exp_of(-709.0) == 0.0);
  CHECK(exp_of(-1e300) == 0.0);
  CHECK(exp_of(1e300) == exp_of(709.0));
}

TEST_CASE("random numbers are those of the seed, on every machine", "[TK-08]") {
  Random random(1);
  CHECK(random.next() == 0xb3f2af6d0fc710c5);
  Random other(2), again(1);
  CHECK(again.next() != other.next());
  double sum = 0.0, squares = 0.0;
  for (int i = 0; i < 20000; ++i) {
    const double x = random.normal();
    sum += x;
    squares += x * x;
  }
  CHECK(std::abs(sum / 20000) < 0.03);
  CHECK(std::abs(squares / 20000 - 1.0) < 0.03);
}
