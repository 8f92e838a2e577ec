// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// How a verb sees a container: anything contiguous with data() and size().

#include <concepts>
#include <cstddef>
#include <detent/error.hpp>
#include <detent/math/storage.hpp>
#include <span>
#include <type_traits>

namespace detent {

namespace detail {

template <class C>
using pointer_of = decltype(std::declval<C&>().data());
template <class C>
using element_of = std::remove_cv_t<std::remove_pointer_t<pointer_of<C>>>;

/// Has data() that is a raw pointer, and size(): a device container has neither on the host.
template <class C>
concept has_data_and_size = requires(C& c) {
  requires std::is_pointer_v<decltype(c.data())>;
  { c.size() } -> std::integral;
};

template <class T, template <class...> class Template>
inline constexpr bool is_instance = false;
template <template <class...> class Template, class... A>
inline constexpr bool is_instance<Template<A...>, Template> = true;

template <class C, template <class...> class Layer>
concept is_container_of = has_data_and_size<C> && is_instance<element_of<C>, Layer>;

/// A span over a container of layers or results.
template <class C>
auto as_span(C& c) noexcept {
  return std::span(c.data(), static_cast<std::size_t>(c.size()));
}

}  // namespace detail

/// A container a verb can read: std::vector, std::array, std::span, Eigen and Armadillo matrices,
/// or any type with data() and size(), of float, double, `half`, `bfloat16` or another `element`.
template <class C>
concept readable = detail::has_data_and_size<C> && element<detail::element_of<C>>;

/// A container a verb can write.
template <class C>
concept writable = readable<C> && !std::is_const_v<std::remove_pointer_t<detail::pointer_of<C>>>;

/// A contiguous container of what a verb takes for many tensors, such as `regularized_layer`.
template <class C, template <class...> class Layer>
concept layers_of = detail::is_container_of<C, Layer>;

namespace detail {

/// Pointer and size of a container, checked.
/// Errors: invalid_argument for null data with a size, and for an Eigen expression with strides.
template <class T, class C>
struct view {
  T* data;
  std::size_t size;

  view(C& container, char const* name)
      : data(container.data()), size(static_cast<std::size_t>(container.size())) {
    if (data == nullptr && size != 0) fail(name, "has null data and size " + text(size));
    if constexpr (requires { container.innerStride() + container.outerStride(); }) {
      bool const strided =
          container.innerStride() != 1 ||
          (container.outerSize() > 1 && container.outerStride() != container.innerSize());
      if (size != 0 && strided) fail(name, "is not contiguous: its elements have strides");
    }
  }
};

template <class C>
view<element_of<C const> const, C const> read_view(C const& c, char const* name) {
  return {c, name};
}
template <class C>
view<element_of<C>, C> write_view(C& c, char const* name) {
  return {c, name};
}

}  // namespace detail
}  // namespace detent
