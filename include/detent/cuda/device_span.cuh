// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// device_span: how a device verb sees a container, and what it says to one of the host.

#include <concepts>
#include <cstddef>
#include <detent/algorithm/view.hpp>
#include <detent/config.hpp>
#include <detent/error.hpp>
#include <string_view>
#include <type_traits>
#include <utility>

namespace detent::inline DETENT_ABI::cuda {

namespace detail {

using namespace detent::detail;

/// The address in a pointer: a raw one, or Thrust's, which has get().
template <class P>
auto raw_pointer(P p) noexcept {
  if constexpr (std::is_pointer_v<P>) {
    return p;
  } else {
    return p.get();
  }
}

template <class C>
using device_pointer_of = decltype(raw_pointer(std::declval<C&>().data()));
template <class C>
using device_element_of = std::remove_cv_t<std::remove_pointer_t<device_pointer_of<C>>>;

/// A pointer and a size, which own nothing: cuda::std::span, std::span, device_span.
template <class C>
concept is_view = std::is_trivially_copyable_v<C> && sizeof(C) <= 2 * sizeof(void*) && !requires {
  std::tuple_size<C>::value;
};

/// Whose data() is a raw pointer, and which is no view: its elements lie where the host has them.
template <class C>
concept owns_host_memory =
    std::is_pointer_v<decltype(std::declval<C&>().data())> && !is_view<std::remove_cv_t<C>>;

/// A temporary that owns device memory, which would be gone before the kernels run.
template <class C>
concept is_gone_too_soon = !std::is_lvalue_reference_v<C&&> && !is_view<std::remove_cvref_t<C>>;

}  // namespace detail

/// A container that a device verb takes: thrust::device_vector and universal_vector, or a view of
/// device memory, such as cuda::std::span and `device_span{pointer, size}`.
template <class C>
concept device_container = requires(std::remove_reference_t<C>& c) {
  requires std::is_pointer_v<detail::device_pointer_of<std::remove_reference_t<C>>>;
  { c.size() } -> std::integral;
};

/// Contiguous elements in device memory, owned by someone else.
template <class T>
class device_span {
 public:
  static constexpr bool lies_on_device = true;  ///< which no verb with a host policy takes

  DETENT_HD constexpr device_span(T* data, std::size_t size) noexcept : data_(data), size_(size) {}

  template <device_container C>
  requires std::convertible_to<detail::device_pointer_of<std::remove_reference_t<C>>, T*>
  device_span(C&& c)
      : data_(detail::raw_pointer(c.data())), size_(static_cast<std::size_t>(c.size())) {
    static_assert(!detail::owns_host_memory<std::remove_reference_t<C>>,
                  "a stream cannot reach a host container's memory: pass a thrust::device_vector, "
                  "or a device_span or cuda::std::span of device memory");
    static_assert(!detail::speaks_of_strides<std::remove_cvref_t<C>>,
                  "this container has strides, or may be a view of another one's elements: pass "
                  "device_span(data, size) if its elements lie one after another");
    static_assert(!detail::is_gone_too_soon<C>,
                  "a stream runs later than this expression, which destroys the container: give it "
                  "a name that lives until the stream has run");
  }

  DETENT_HD constexpr T* data() const noexcept { return data_; }
  DETENT_HD constexpr std::size_t size() const noexcept { return size_; }

 private:
  T* data_;
  std::size_t size_;
};
template <device_container C>
device_span(C&&)
    -> device_span<std::remove_pointer_t<detail::device_pointer_of<std::remove_reference_t<C>>>>;

namespace detail {

/// Errors: invalid_argument for null data with a size.
template <class T>
void require_data(device_span<T> const& span, argument const& which) {
  detent::detail::require_data(span.data(), span.size(), which);
}
template <class T>
void require_data(device_span<T> const& span, char const* name) {
  require_data(span, argument{name});
}

/// The name of what a member of a layer has to agree with.
inline char const* its_w(std::size_t layer) noexcept {
  return layer == argument::no_layer ? "w" : "its w";
}

/// An output of a layer beside one of its inputs.
///
/// Errors: invalid_argument for null data, differing sizes, and partial overlap.
template <class Out, class In>
void require_beside(device_span<Out> const& out, char const* name, device_span<In> const& in,
                    char const* name_of_in, std::size_t layer) {
  argument const which{name, layer};
  require_data(out, which);
  require_same_size(out.size(), which, in.size(),
                    std::string_view(name_of_in) == "w" ? its_w(layer) : name_of_in);
  require_apart(out.data(), out.size(), which, in.data(), in.size(), name_of_in);
}

}  // namespace detail
}  // namespace detent::inline DETENT_ABI::cuda
