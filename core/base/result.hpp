// SPDX-License-Identifier: Apache-2.0
// Result<T>: a value or an error, for everything the world may do wrong. The member names are those
// of std::expected (C++23) so that it can be replaced one day; unlike it, reading the wrong half is
// an assertion and never an exception, which keeps the core free of an unwinder.
#pragma once

#include <new>
#include <type_traits>
#include <utility>

#include "core/base/assert.hpp"
#include "core/base/error.hpp"

namespace weco {

template <class E>
struct Unexpected {
  E error;
};
template <class E>
Unexpected(E) -> Unexpected<E>;

/// The short way to return an error from the core.
constexpr Unexpected<Error> fail(ErrorCode code, std::int32_t detail = 0) {
  return {Error{code, detail}};
}

template <class T, class E = Error>
class [[nodiscard]] Result {
 public:
  using value_type = T;
  using error_type = E;

  constexpr Result(T value) : has_(true), value_(std::move(value)) {}  // NOLINT: implicit by design
  template <class U>
  requires(std::is_convertible_v<U&&, T> && !std::is_same_v<std::remove_cvref_t<U>, T> &&
           !std::is_same_v<std::remove_cvref_t<U>, Result>) constexpr Result(U&& value)
      : has_(true), value_(std::forward<U>(value)) {}  // NOLINT
  template <class G>
  requires std::is_convertible_v<G, E>
  constexpr Result(Unexpected<G> failed)
      : has_(false), error_(std::move(failed.error)) {}  // NOLINT

  constexpr Result(const Result&) requires(
      std::is_trivially_copyable_v<T>&& std::is_trivially_copyable_v<E>) = default;
  Result(const Result& other) : has_(other.has_) { construct(other); }
  Result(Result&& other) noexcept : has_(other.has_) { construct(std::move(other)); }
  constexpr Result& operator=(const Result&) requires(
      std::is_trivially_copyable_v<T>&& std::is_trivially_copyable_v<E>) = default;
  Result& operator=(const Result& other) {
    if (this != &other) {
      this->~Result();
      new (this) Result(other);
    }
    return *this;
  }
  Result& operator=(Result&& other) noexcept {
    if (this != &other) {
      this->~Result();
      new (this) Result(std::move(other));
    }
    return *this;
  }
  constexpr ~Result() requires(
      std::is_trivially_destructible_v<T>&& std::is_trivially_destructible_v<E>) = default;
  ~Result() {
    if (has_) {
      value_.~T();
    } else {
      error_.~E();
    }
  }

  [[nodiscard]] constexpr bool has_value() const { return has_; }
  constexpr explicit operator bool() const { return has_; }
  [[nodiscard]] constexpr T& value() & { return checked(), value_; }
  [[nodiscard]] constexpr const T& value() const& { return checked(), value_; }
  [[nodiscard]] constexpr T&& value() && { return checked(), std::move(value_); }
  constexpr T& operator*() & { return value(); }
  constexpr const T& operator*() const& { return value(); }
  constexpr T&& operator*() && { return std::move(*this).value(); }
  constexpr T* operator->() { return &value(); }
  constexpr const T* operator->() const { return &value(); }
  [[nodiscard]] constexpr const E& error() const& {
    WECO_ASSERT(!has_);
    return error_;
  }
  [[nodiscard]] constexpr E&& error() && {
    WECO_ASSERT(!has_);
    return std::move(error_);
  }
  template <class U>
  [[nodiscard]] constexpr T value_or(U&& other) const& {
    return has_ ? value_ : static_cast<T>(std::forward<U>(other));
  }

 private:
  constexpr void checked() const { WECO_ASSERT(has_); }
  template <class Other>
  void construct(Other&& other) {
    if (has_) {
      new (&value_) T(std::forward<Other>(other).value_);
    } else {
      new (&error_) E(std::forward<Other>(other).error_);
    }
  }
  bool has_;
  union {
    T value_;
    E error_;
  };
};

template <class E>
class [[nodiscard]] Result<void, E> {
 public:
  using value_type = void;
  using error_type = E;
  constexpr Result() = default;
  template <class G>
  requires std::is_convertible_v<G, E>
  constexpr Result(Unexpected<G> failed)
      : has_(false), error_(std::move(failed.error)) {}  // NOLINT
  [[nodiscard]] constexpr bool has_value() const { return has_; }
  constexpr explicit operator bool() const { return has_; }
  [[nodiscard]] constexpr const E& error() const& {
    WECO_ASSERT(!has_);
    return error_;
  }
  [[nodiscard]] constexpr E&& error() && {
    WECO_ASSERT(!has_);
    return std::move(error_);
  }

 private:
  bool has_ = true;
  E error_{};
};

using Status = Result<void>;

}  // namespace weco
