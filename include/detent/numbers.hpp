// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// numbers: the vector of the library's own memory and results.

#include <cstddef>
#include <cstdint>
#include <detent/config.hpp>
#include <initializer_list>
#include <new>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace detent::inline DETENT_ABI {

/// A std::vector of plain values under a name that carries the compiler flags.
///
/// The linker keeps one copy of a function such as std::vector<double>::resize for a whole program,
/// whatever the flags of the objects that have one. The library's headers therefore call no
/// function of the standard library that works on plain numbers. Converts from and to std::vector.
/// @note A copy allocates; elements are 0 unless given.
template <class T>
class numbers {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

 public:
  using value_type = T;
  using size_type = std::size_t;
  using difference_type = std::ptrdiff_t;
  using reference = T&;
  using const_reference = T const&;
  using iterator = T*;
  using const_iterator = T const*;

  numbers() = default;
  /// Errors: std::bad_alloc, here and below, where there is no memory.
  explicit numbers(std::size_t size, T const& value = T()) { resize(size, value); }
  template <class Iterator>
  requires requires(Iterator i) { *++i; }
  numbers(Iterator first, Iterator last) {
    for (; first != last; ++first)
      push_back(static_cast<T>(*first));
  }
  numbers(std::initializer_list<T> values) : numbers(values.begin(), values.end()) {}
  numbers(std::span<T const> values) { append(values.data(), values.size()); }
  numbers(std::vector<T> const& values) { append(values.data(), values.size()); }
  numbers(numbers const& other) { append(other.data_, other.size_); }
  numbers(numbers&& other) noexcept { take(other); }
  numbers& operator=(numbers const& other) {
    if (this == &other) return *this;
    size_ = 0;
    append(other.data_, other.size_);
    return *this;
  }
  numbers& operator=(numbers&& other) noexcept {
    take(other);
    return *this;
  }
  ~numbers() { release(data_); }

  operator std::vector<T>() const { return std::vector<T>(data_, data_ + size_); }

  T* data() noexcept { return data_; }
  T const* data() const noexcept { return data_; }
  std::size_t size() const noexcept { return size_; }
  static constexpr std::size_t max_size() noexcept { return PTRDIFF_MAX / sizeof(T); }
  bool empty() const noexcept { return size_ == 0; }
  T* begin() noexcept { return data_; }
  T const* begin() const noexcept { return data_; }
  T* end() noexcept { return data_ + size_; }
  T const* end() const noexcept { return data_ + size_; }
  T& operator[](std::size_t i) noexcept { return data_[i]; }
  T const& operator[](std::size_t i) const noexcept { return data_[i]; }
  T& front() noexcept { return data_[0]; }
  T const& front() const noexcept { return data_[0]; }
  T& back() noexcept { return data_[size_ - 1]; }
  T const& back() const noexcept { return data_[size_ - 1]; }

  void reserve(std::size_t capacity) {
    if (capacity <= capacity_) return;
    if (capacity > max_size()) DETENT_THROW(std::bad_alloc());
    T* const data = static_cast<T*>(allocated(capacity * sizeof(T)));
    for (std::size_t i = 0; i < size_; ++i)
      ::new (static_cast<void*>(data + i)) T(data_[i]);
    release(data_);
    data_ = data;
    capacity_ = capacity;
  }
  void resize(std::size_t size, T const& value = T()) {
    T const copy = value;  // `value` may be an element.
    reserve(size);
    for (std::size_t i = size_; i < size; ++i)
      ::new (static_cast<void*>(data_ + i)) T(copy);
    size_ = size;
  }
  void assign(std::size_t size, T const& value) {
    T const copy = value;
    size_ = 0;
    resize(size, copy);
  }
  void push_back(T const& value) {
    T const copy = value;
    if (size_ == capacity_) reserve(2 * capacity_ + 8);
    ::new (static_cast<void*>(data_ + size_++)) T(copy);
  }
  void pop_back() noexcept { --size_; }
  void clear() noexcept { size_ = 0; }
  /// Exchanges the elements.
  void take(numbers& other) noexcept {
    exchange(data_, other.data_);
    exchange(size_, other.size_);
    exchange(capacity_, other.capacity_);
  }

  friend bool operator==(numbers const& a, numbers const& b) noexcept {
    if (a.size_ != b.size_) return false;
    for (std::size_t i = 0; i < a.size_; ++i) {
      if (!(a.data_[i] == b.data_[i])) return false;
    }
    return true;
  }

 private:
  static constexpr bool is_over_aligned = alignof(T) > __STDCPP_DEFAULT_NEW_ALIGNMENT__;

  static void* allocated(std::size_t bytes) {
    if constexpr (is_over_aligned) {
      return ::operator new (bytes, std::align_val_t{alignof(T)});
    } else {
      return ::operator new(bytes);
    }
  }
  static void release(T* data) noexcept {
    if constexpr (is_over_aligned) {
      ::operator delete (data, std::align_val_t{alignof(T)});
    } else {
      ::operator delete(data);
    }
  }
  template <class X>
  static void exchange(X& a, X& b) noexcept {
    X const kept = a;
    a = b;
    b = kept;
  }
  void append(T const* values, std::size_t size) {
    reserve(size_ + size);
    for (std::size_t i = 0; i < size; ++i)
      ::new (static_cast<void*>(data_ + size_ + i)) T(values[i]);
    size_ += size;
  }

  T* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace detent::inline DETENT_ABI
