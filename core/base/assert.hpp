// SPDX-License-Identifier: Apache-2.0
// Assertions are for the programmer's mistakes only. Input from a wire, a file or a person never
// reaches one: it gets a Result. Always compiled in.
#pragma once

namespace weco {

/// Called when an assertion fails. The host prints and aborts; firmware opens the contactors and
/// halts. Each platform links exactly one definition.
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line);

}  // namespace weco

#define WECO_ASSERT(expression) \
  ((expression) ? static_cast<void>(0) : ::weco::assertion_failed(#expression, __FILE__, __LINE__))
