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

namespace detail {
struct AsValue {};
struct AsError {};

/// A value or an error and which of the two it is. Two shapes, so that a trivial type stays
/// trivial: one class with both kinds of destructor is beyond clang 14.
template <class T, class E,
          bool Trivial = std::is_trivially_copyable_v<T>&& std::is_trivially_copyable_v<E>>
struct Either {
  template <class U>
  constexpr Either(AsValue, U&& from) : has_(true), value_(std::forward<U>(from)) {}
  template <class G>
  constexpr Either(AsError, G&& from) : has_(false), error_(std::forward<G>(from)) {}
  bool has_;
  union {
    T value_;
    E error_;
  };
};

template <class T, class E>
struct Either<T, E, false> {
  template <class U>
  constexpr Either(AsValue, U&& from) : has_(true), value_(std::forward<U>(from)) {}
  template <class G>
  constexpr Either(AsError, G&& from) : has_(false), error_(std::forward<G>(from)) {}
  Either(const Either& other) : has_(other.has_) { construct(other); }
  Either(Either&& other) noexcept : has_(other.has_) { construct(std::move(other)); }
  Either& operator=(const Either& other) {
    if (this != &other) {
      this->~Either();
      new (this) Either(other);
    }
    return *this;
  }
  Either& operator=(Either&& other) noexcept {
    if (this != &other) {
      this->~Either();
      new (this) Either(std::move(other));
    }
    return *this;
  }
  ~Either() {
    if (has_) {
      value_.~T();
    } else {
      error_.~E();
    }
  }
  bool has_;
  union {
    T value_;
    E error_;
  };

 private:
  template <class Other>
  void construct(Other&& other) {
    if (has_) {
      new (&value_) T(std::forward<Other>(other).value_);
    } else {
      new (&error_) E(std::forward<Other>(other).error_);
    }
  }
};
}  // namespace detail

template <class T, class E = Error>
class [[nodiscard]] Result {
 public:
  using value_type = T;
  using error_type = E;

  constexpr Result(T value) : either_(detail::AsValue(), std::move(value)) {}  // NOLINT: implicit
  template <class U>
  requires(std::is_convertible_v<U&&, T> && !std::is_same_v<std::remove_cvref_t<U>, T> &&
           !std::is_same_v<std::remove_cvref_t<U>, Result>) constexpr Result(U&& value)
      : either_(detail::AsValue(), std::forward<U>(value)) {}  // NOLINT
  template <class G>
  requires std::is_convertible_v<G, E>
  constexpr Result(Unexpected<G> failed)
      : either_(detail::AsError(), std::move(failed.error)) {}  // NOLINT

  [[nodiscard]] constexpr bool has_value() const { return either_.has_; }
  constexpr explicit operator bool() const { return either_.has_; }
  [[nodiscard]] constexpr T& value() & { return checked(), either_.value_; }
  [[nodiscard]] constexpr const T& value() const& { return checked(), either_.value_; }
  [[nodiscard]] constexpr T&& value() && { return checked(), std::move(either_.value_); }
  constexpr T& operator*() & { return value(); }
  constexpr const T& operator*() const& { return value(); }
  constexpr T&& operator*() && { return std::move(*this).value(); }
  constexpr T* operator->() { return &value(); }
  constexpr const T* operator->() const { return &value(); }
  [[nodiscard]] constexpr const E& error() const& {
    WECO_ASSERT(!either_.has_);
    return either_.error_;
  }
  [[nodiscard]] constexpr E&& error() && {
    WECO_ASSERT(!either_.has_);
    return std::move(either_.error_);
  }
  template <class U>
  [[nodiscard]] constexpr T value_or(U&& other) const& {
    return either_.has_ ? either_.value_ : static_cast<T>(std::forward<U>(other));
  }

 private:
  constexpr void checked() const { WECO_ASSERT(either_.has_); }
  detail::Either<T, E> either_;
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
