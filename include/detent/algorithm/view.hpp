// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// How a verb sees a container: anything contiguous with data() and size().

#include <concepts>
#include <cstddef>
#include <detent/config.hpp>
#include <detent/error.hpp>
#include <detent/math/storage.hpp>
#include <span>
#include <type_traits>

namespace detent::inline DETENT_ABI {

namespace detail {

template <class C>
using pointer_of = decltype(std::declval<C&>().data());
template <class C>
using element_of = std::remove_cv_t<std::remove_pointer_t<pointer_of<C>>>;

/// Whose elements lie in device memory: data() is a class with get(), as Thrust's pointer is, or
/// the type says so.
template <class C>
concept lies_on_device = C::lies_on_device || requires(C& c) {
  requires std::is_class_v<decltype(c.data())>;
  c.data().get();
};

/// Has data() that is a raw pointer to host memory, and size().
template <class C>
concept has_data_and_size = !lies_on_device<C> && requires(C & c) {
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

template <class S>
concept is_stream = std::is_pointer_v<S> || requires(S& s) {
  s.get();
};

/// Arguments of a verb of which the first is no stream, and another one a device container.
template <class First, class... Rest>
concept lacks_a_stream = !is_stream<std::remove_cvref_t<First>> &&
                         (lies_on_device<std::remove_reference_t<Rest>> || ...);

template <class A>
void refuse_device_containers() {
  static_assert(sizeof(A) == 0,
                "a host policy cannot reach a device container's memory: call the verb of the same "
                "name in detent::cuda, with a stream, or copy to the host first");
}

}  // namespace detail

// What a device container gets with a host policy, or with none: a sentence.
template <class A, class... Rest>
requires detail::lacks_a_stream<A, Rest...>
auto penalty(A&&, Rest&&...) {
  detail::refuse_device_containers<A>();
}
template <class A, class... Rest>
requires detail::lacks_a_stream<A, Rest...>
auto accumulate(A&&, Rest&&...) {
  detail::refuse_device_containers<A>();
}
template <class A, class... Rest>
requires detail::lacks_a_stream<A, Rest...>
auto quantize(A&&, Rest&&...) {
  detail::refuse_device_containers<A>();
}
template <class A, class... Rest>
requires detail::lacks_a_stream<A, Rest...>
auto backward(A&&, Rest&&...) {
  detail::refuse_device_containers<A>();
}
template <class A, class... Rest>
requires detail::lacks_a_stream<A, Rest...>
auto snap(A&&, Rest&&...) {
  detail::refuse_device_containers<A>();
}
template <class A, class... Rest>
requires detail::lacks_a_stream<A, Rest...>
auto reduce(A&&, Rest&&...) {
  detail::refuse_device_containers<A>();
}

}  // namespace detent::inline DETENT_ABI
