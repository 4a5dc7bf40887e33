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

/// The value of a Result that has none.
struct Nothing {};

/// Either half of a Result. Two templates instead of constrained members of one, because clang 14
/// does not know that a destructor may depend on a constraint.
template <class T, class E, bool Trivial>
struct ResultStorage {
  constexpr explicit ResultStorage(T value) : has_(true), value_(std::move(value)) {}
  constexpr explicit ResultStorage(Unexpected<E> failed)
      : has_(false), error_(std::move(failed.error)) {}
  bool has_;
  union {
    T value_;
    E error_;
  };
};

template <class T, class E>
struct ResultStorage<T, E, false> {
  explicit ResultStorage(T value) : has_(true), value_(std::move(value)) {}
  explicit ResultStorage(Unexpected<E> failed) : has_(false), error_(std::move(failed.error)) {}
  ResultStorage(const ResultStorage& other) : has_(other.has_) { construct(other); }
  ResultStorage(ResultStorage&& other) noexcept : has_(other.has_) { construct(std::move(other)); }
  ResultStorage& operator=(const ResultStorage& other) {
    if (this != &other) {
      this->~ResultStorage();
      new (this) ResultStorage(other);
    }
    return *this;
  }
  ResultStorage& operator=(ResultStorage&& other) noexcept {
    if (this != &other) {
      this->~ResultStorage();
      new (this) ResultStorage(std::move(other));
    }
    return *this;
  }
  ~ResultStorage() {
    if (has_) {
      value_.~T();
    } else {
      error_.~E();
    }
  }
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

}  // namespace detail

template <class T, class E = Error>
class [[nodiscard]] Result {
 public:
  using value_type = T;
  using error_type = E;

  constexpr Result(T value) : is_(std::move(value)) {}  // NOLINT: implicit by design
  template <class U>
  requires(std::is_convertible_v<U&&, T> && !std::is_same_v<std::remove_cvref_t<U>, T> &&
           !std::is_same_v<std::remove_cvref_t<U>, Result>) constexpr Result(U&& value)
      : is_(converted(std::forward<U>(value))) {}  // NOLINT
  template <class G>
  requires std::is_convertible_v<G, E>
  constexpr Result(Unexpected<G> failed) : is_(Unexpected<E>{std::move(failed.error)}) {}  // NOLINT

  [[nodiscard]] constexpr bool has_value() const { return is_.has_; }
  constexpr explicit operator bool() const { return is_.has_; }
  [[nodiscard]] constexpr T& value() & { return checked(), is_.value_; }
  [[nodiscard]] constexpr const T& value() const& { return checked(), is_.value_; }
  [[nodiscard]] constexpr T&& value() && { return checked(), std::move(is_.value_); }
  constexpr T& operator*() & { return value(); }
  constexpr const T& operator*() const& { return value(); }
  constexpr T&& operator*() && { return std::move(*this).value(); }
  constexpr T* operator->() { return &value(); }
  constexpr const T* operator->() const { return &value(); }
  [[nodiscard]] constexpr const E& error() const& {
    WECO_ASSERT(!is_.has_);
    return is_.error_;
  }
  [[nodiscard]] constexpr E&& error() && {
    WECO_ASSERT(!is_.has_);
    return std::move(is_.error_);
  }
  template <class U>
  [[nodiscard]] constexpr T value_or(U&& other) const& {
    return is_.has_ ? is_.value_ : static_cast<T>(std::forward<U>(other));
  }

 private:
  constexpr void checked() const { WECO_ASSERT(is_.has_); }
  template <class U>
  static constexpr T converted(U&& value) {
    return std::forward<U>(value);
  }

  static constexpr bool kTrivial =
      std::is_trivially_copyable_v<T> && std::is_trivially_copyable_v<E>;
  detail::ResultStorage<T, E, kTrivial> is_;
};

template <class E>
class [[nodiscard]] Result<void, E> {
 public:
  using value_type = void;
  using error_type = E;
  constexpr Result() : is_(detail::Nothing{}) {}
  template <class G>
  requires std::is_convertible_v<G, E>
  constexpr Result(Unexpected<G> failed) : is_(Unexpected<E>{std::move(failed.error)}) {}  // NOLINT
  [[nodiscard]] constexpr bool has_value() const { return is_.has_; }
  constexpr explicit operator bool() const { return is_.has_; }
  [[nodiscard]] constexpr const E& error() const& {
    WECO_ASSERT(!is_.has_);
    return is_.error_;
  }
  [[nodiscard]] constexpr E&& error() && {
    WECO_ASSERT(!is_.has_);
    return std::move(is_.error_);
  }

 private:
  detail::ResultStorage<detail::Nothing, E, std::is_trivially_copyable_v<E>> is_;
};

using Status = Result<void>;

}  // namespace weco
