// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "sim/kernels/exp.hpp"
#include "sim/kernels/log.hpp"
#include "sim/kernels/random.hpp"
#include "sim/kernels/round.hpp"
#include "sim/kernels/trig.hpp"
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

TEST_CASE("logarithm, powers and angles are as good as their headers say", "[TK-08]") {
  double log_worst = 0.0, pow_worst = 0.0, tanh_worst = 0.0, sin_worst = 0.0;
  for (int i = 1; i <= 40000; ++i) {
    const double x = i * i * 1e-4 + 1e-6 * i;
    const long double exact = std::log(static_cast<long double>(x));
    const double apart = static_cast<double>(std::abs(log_of(x) - exact));
    log_worst = std::max(log_worst, apart / std::max(1.0, std::abs(static_cast<double>(exact))));
    const long double power = std::pow(static_cast<long double>(x), 0.828L);
    pow_worst =
        std::max(pow_worst, static_cast<double>(std::abs((pow_of(x, 0.828) - power) / power)));
    const double angle = (i - 20000) * 0.3;
    sin_worst = std::max(sin_worst, std::abs(sin_of(angle) - std::sin(angle)));
    sin_worst = std::max(sin_worst, std::abs(cos_of(angle) - std::cos(angle)));
    const double t = (i - 20000) * 1e-3;
    tanh_worst = std::max(tanh_worst, std::abs(tanh_of(t) - std::tanh(t)));
  }
  CHECK(log_worst < 1e-15);
  CHECK(pow_worst < 1e-14);
  CHECK(tanh_worst < 1e-15);
  CHECK(sin_worst < 1e-12);
  CHECK(pow_of(0.0, 0.5) == 0.0);
}

TEST_CASE("a number is rounded to the nearest whole one, halves away from zero", "[TK-08]") {
  const double half_below = std::nextafter(0.5, 0.0), half_above = std::nextafter(0.5, 1.0);
  for (const double whole : {0.0, 1.0, 2.0, 7.0, 4095.0, 1048576.0, 2147483646.0}) {
    for (const double part : {0.0, 0.25, half_below, 0.5, half_above, 0.75}) {
      for (const double value : {whole + part, -(whole + part)}) {
        INFO(value);
        CHECK(rounded(value) == std::lround(value));
      }
    }
  }
  Random random(4);
  for (int i = 0; i < 100000; ++i) {
    const double value = 1e5 * random.normal();
    if (rounded(value) != std::lround(value)) FAIL(value);
  }
}
