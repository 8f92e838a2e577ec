// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// The checks of the containers that are passed to an operation: elements, sizes, shapes, overlap.

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <detent/algorithm/result.hpp>
#include <detent/algorithm/tensor_access.hpp>
#include <detent/config.hpp>
#include <detent/error.hpp>
#include <detent/execution/run.hpp>
#include <detent/math/storage.hpp>
#include <iterator>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

namespace detent::inline DETENT_ABI {

namespace detail {

template <class T, template <class...> class Template>
inline constexpr bool is_instance = false;
template <template <class...> class Template, class... A>
inline constexpr bool is_instance<Template<A...>, Template> = true;

template <class C>
concept has_mutable_elements =
    accessible<C> && !std::is_const_v<std::remove_pointer_t<pointer_of<C>>>;

}  // namespace detail

/// A container that an operation can read: what `tensor_access` knows, of float, double, `half`,
/// `bfloat16` or another `element`.
template <class C>
concept readable = detail::accessible<C> && element<detail::element_of<C>> &&
    !std::is_volatile_v<std::remove_pointer_t<detail::pointer_of<C>>>;

/// A container that an operation can write.
template <class C>
concept writable = readable<C> && detail::has_mutable_elements<C>;

/// A container of what an operation takes for many tensors, such as `regularized_layer`.
template <class C, template <class...> class Layer>
concept layers_of = detail::accessible<C> && detail::is_instance<detail::element_of<C>, Layer>;

namespace detail {

/// The argument that an error is about: of a call, or a member of one layer of a list. Its words
/// are made where there is an error alone.
struct argument {
  static constexpr std::size_t no_layer = ~std::size_t{0};

  char const* name = "";
  std::size_t layer = no_layer;

  message words() const noexcept {
    return layer == no_layer ? message(name) : message(name) + " of layer " + text(layer);
  }
};

[[noreturn]] inline void fail(argument const& which, message const& problem) {
  fail(which.words(), problem);
}
inline void require_finite(double const& value, argument const& which) {
  if (!is_finite(value)) fail(which, "is not finite; a finite number is needed");
}
inline void require_positive(double const& value, argument const& which) {
  if (!is_finite(value) || !(value > 0)) require_positive(value, which.words().c_str());
}
inline void require_same_size(std::size_t size, argument const& which, std::size_t expected,
                              char const* expected_name) {
  if (size != expected) require_same_size(size, which.words().c_str(), expected, expected_name);
}
inline void require_data(void const* data, std::size_t size, argument const& which) {
  if (data == nullptr && size != 0) fail(which, "has null data and size " + text(size));
}

/// Checked elements of a container.
template <class T, class C>
struct view {
  T* data;
  std::size_t size;
  C& container;
  argument which;

  /// Errors: invalid_argument for null data with a size, and for what `tensor_access` finds wrong
  /// with an object, such as strides.
  view(C& c, argument const& name)
      : data(access_of<C>::data(c)),
        size(static_cast<std::size_t>(access_of<C>::size(c))),
        container(c),
        which(name) {
    require_data(data, size, which);
    if (char const* const problem = problem_of(c)) fail(which, problem);
    if constexpr (element<std::remove_const_t<T>>) {
      if (!has_stated_patterns<std::remove_const_t<T>>()) {
        fail(which, "has elements whose bits are not in the order that their numeric_limits name");
      }
    }
  }
};

template <class C>
view<element_of<C const> const, C const> read_view(C const& c, argument const& which) {
  return {c, which};
}
template <class C>
view<element_of<C const> const, C const> read_view(C const& c, char const* name) {
  return {c, argument{name}};
}
template <class C>
view<element_of<C>, C> write_view(C& c, argument const& which) {
  return {c, which};
}
template <class C>
view<element_of<C>, C> write_view(C& c, char const* name) {
  return {c, argument{name}};
}

inline message words_of(tensor_shape const& shape) {
  if (shape.rank > tensor_shape::max_rank) return "a shape that cannot be compared";
  message extents = "";
  for (std::size_t d = 0; d < shape.rank; ++d)
    extents += message(d == 0 ? "" : " x ") + text(shape.extent[d]);
  bool by_rows = true, by_columns = true;
  for (std::size_t d = 0; d + 1 < shape.rank; ++d) {
    by_rows = by_rows && shape.stride[d] == shape.stride[d + 1] * shape.extent[d + 1];
    by_columns = by_columns && shape.stride[d + 1] == shape.stride[d] * shape.extent[d];
  }
  return extents + (by_rows      ? " elements stored by rows"
                    : by_columns ? " elements stored by columns"
                                 : " elements in another order");
}

/// Two containers of which element i belongs to element i.
///
/// Errors: invalid_argument for differing sizes, and for differing shapes or orders where both
/// containers know theirs.
template <class A, class B>
void require_same_elements(A const& a, B const& b, char const* name_of_b) {
  require_same_size(a.size, a.which, b.size, name_of_b);
  using container_a = std::remove_reference_t<decltype(a.container)>;
  using container_b = std::remove_reference_t<decltype(b.container)>;
  static_assert(!types_contradict<container_a, container_b>(),
                "the containers have different shapes or one is stored by rows and the other by "
                "columns: element i of one is not element i of the other; give both the same type");
  if constexpr (has_shape<container_a> && has_shape<container_b>) {
    auto const shape_a = shape_of(a.container), shape_b = shape_of(b.container);
    if (a.size != 0 && !shape_a.agrees(shape_b)) {
      fail(a.which,
           "has " + words_of(shape_a) + " where " + name_of_b + " has " + words_of(shape_b));
    }
  }
}
template <class A, class B>
void require_same_elements(A const& a, B const& b) {
  require_same_elements(a, b, b.which.layer == argument::no_layer ? b.which.name : "its w");
}

/// Elements in memory, for comparisons of addresses.
struct memory_range {
  std::uintptr_t begin = 0, end = 0;

  memory_range() noexcept = default;
  template <class T>
  memory_range(T* data, std::size_t size) noexcept
      : begin(reinterpret_cast<std::uintptr_t>(data)), end(begin + size * sizeof(T)) {}

  bool overlaps(memory_range const& other) const noexcept {
    return begin != end && other.begin != other.end && begin < other.end && other.begin < end;
  }
};

/// Whether two arrays are the same elements: what an operation does with element i, it does after
/// it has read element i, so these may be.
template <class A, class B>
bool are_same_elements(A const* a, std::size_t size_a, B const* b, std::size_t size_b) noexcept {
  return std::is_same_v<A, B> && static_cast<void const*>(a) == static_cast<void const*>(b) &&
         size_a == size_b;
}

/// Errors: invalid_argument for an array that is written and shares some elements with another one,
/// but not all, or under another type.
template <class A, class B>
void require_apart(A const* written, std::size_t size, argument const& which, B const* other,
                   std::size_t other_size, char const* other_name) {
  if (!memory_range(written, size).overlaps({other, other_size})) return;
  if (are_same_elements(written, size, other, other_size)) return;
  fail(which, message("overlaps ") + other_name + "; they may be the same elements" +
                  (std::is_same_v<A, B> ? "" : ", of the same type") + ", or share none");
}
template <class A, class B>
void require_apart(A const& written, B const& other) {
  require_apart(written.data, written.size, written.which, other.data, other.size,
                other.which.layer == argument::no_layer
                    ? other.which.name
                    : (message("its ") + other.which.name).c_str());
}

/// An output of an operation beside one of its inputs: sizes, shapes, overlap.
template <class A, class B>
void require_matching(A const& written, B const& input) {
  require_same_elements(written, input);
  require_apart(written, input);
}

/// The memory that the layers of a list read and write. Layers run concurrently and in no order:
/// what one writes, no other may read or write.
class overlap_check {
 public:
  /// The memory for at most so many arrays is the thread's, kept between calls.
  explicit overlap_check(std::size_t arrays) : memory_(arrays) {}

  template <class T>
  void reads(T const* data, std::size_t size, argument const& which) {
    add({data, size}, false, which);
  }
  template <class T>
  void writes(T const* data, std::size_t size, argument const& which) {
    add({data, size}, true, which);
  }
  /// An input, left out where it is an output of the same layer.
  template <class T>
  void reads_beside(T const* data, std::size_t size, argument const& which, void const* output) {
    if (static_cast<void const*>(data) != output) reads(data, size, which);
  }
  template <class In, class Out>
  void reads_beside(In const& in, Out const& out) {
    reads_beside(in.data, in.size, in.which, out.data);
  }

  /// Errors: invalid_argument for memory that one layer writes and another one uses.
  void require_disjoint() {
    std::span<used_array> const used(memory_.data(), count_);
    std::sort(used.begin(), used.end(),
              [](used_array const& a, used_array const& b) { return a.at.begin < b.at.begin; });
    used_array const* last = nullptr;          // of those so far, the one that ends last
    used_array const* last_written = nullptr;  // the same of those that are written
    for (used_array const& one : used) {
      require_apart(one, last_written);
      if (one.written) require_apart(one, last);
      if (last == nullptr || one.at.end > last->at.end) last = &one;
      if (one.written && (last_written == nullptr || one.at.end > last_written->at.end)) {
        last_written = &one;
      }
    }
  }

 private:
  struct used_array {
    memory_range at{};
    bool written = false;
    argument which{};
  };

  void add(memory_range const& at, bool written, argument const& which) {
    if (at.begin != at.end) memory_.data()[count_++] = {at, written, which};
  }
  static void require_apart(used_array const& one, used_array const* before) {
    if (before == nullptr || one.at.begin >= before->at.end) return;
    bool const later =
        before->which.layer == argument::no_layer ||
        (one.which.layer != argument::no_layer && one.which.layer > before->which.layer);
    fail((later ? one : *before).which,
         message("overlaps ") + (later ? *before : one).which.words() +
             ", and one of them is written; layers share no memory that one of them writes");
  }

  scratch<used_array, use::tensor_sums> memory_;
  std::size_t count_ = 0;
};

/// A list as a span. Errors: invalid_argument for null data with a size.
template <class C>
auto list_view(C& list, char const* name) {
  using element = std::remove_pointer_t<pointer_of<C>>;
  view<element, C> const elements(list, argument{name});
  return std::span<element>(elements.data, elements.size);
}

/// Memory for a result of each layer, checked.
template <class Result, class C>
Result* results_view(C& results, std::size_t layers) {
  static_assert(std::is_same_v<element_of<C>, Result>,
                "results must be a container of result<P>, P the parameters of the regularizer or "
                "quantizer, or of the statistic");
  static_assert(has_mutable_elements<C>, "results are written");
  auto const elements = write_view(results, "results");
  require_same_size(elements.size, "results", layers, "layers");
  return elements.data;
}

/// A number for a shape and its order: 0 where there is at most one dimension.
constexpr std::size_t order_of(tensor_shape const& shape) noexcept {
  if (shape.rank < 2) return 0;
  if (shape.rank > tensor_shape::max_rank) return ~std::size_t{0};
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (std::size_t d = 0; d < shape.rank; ++d) {
    for (std::size_t const number : {shape.extent[d], shape.stride[d]})
      hash = (hash ^ number) * 0x100000001b3u;
  }
  std::size_t const number = hash % 0xfffffffbu + 1;
  return number;
}

/// A container that owns no elements, or that lives on: its elements outlast the expression.
template <class C>
concept lends_elements = std::is_lvalue_reference_v<C&&> || std::ranges::borrowed_range<C> ||
    (std::is_class_v<C>&& mdspan_like<std::remove_cv_t<C>>);

}  // namespace detail

/// The elements of a tensor that is one of many: a std::span, made of any container that
/// `tensor_access` knows, which remembers the container's shape and order in one number.
///
/// It is made of an lvalue, or of a temporary that owns nothing, such as `std::span(w)`. A
/// temporary that owns its elements does not compile: they would be gone before the list is used.
///
/// @throws  invalid_argument for what `tensor_access` finds wrong with an object, such as strides
template <class T>
class tensor_span : public std::span<T> {
 public:
  constexpr tensor_span() noexcept = default;
  constexpr tensor_span(T* data, std::size_t size) noexcept : std::span<T>(data, size) {}
  constexpr tensor_span(T* first, T* last) noexcept : std::span<T>(first, last) {}
  template <class C>
  requires(!std::same_as<std::remove_cvref_t<C>, tensor_span> && detail::accessible<C> &&
           std::convertible_to<std::remove_pointer_t<detail::pointer_of<C>> (*)[], T (*)[]>)
      tensor_span(C&& container)
      : std::span<T>(detail::access_of<C>::data(container),
                     static_cast<std::size_t>(detail::access_of<C>::size(container))),
        order_(detail::order_of(detail::shape_of(container))) {
    static_assert(detail::lends_elements<C>,
                  "a list keeps no elements: a temporary container would be gone before the list "
                  "is used; give it a name, or pass std::span(data, size) of what lives on");
    if (char const* const problem = detail::problem_of(container)) {
      detail::fail("container of a layer", problem);
    }
    if constexpr (detail::is_instance<std::remove_cvref_t<C>, tensor_span>) {
      order_ = container.order();
    }
  }

  /// Equal for the same shape and order, 0 where there is at most one dimension.
  constexpr std::size_t order() const noexcept { return order_; }

 private:
  std::size_t order_ = 0;
};

namespace detail {

/// Checked elements of a member of a layer.
template <class T>
auto layer_view(tensor_span<T> const& member, char const* name, std::size_t layer) {
  return view<T, tensor_span<T> const>(member, argument{name, layer});
}

/// A member of a layer of which element i belongs to element i of another one.
///
/// Errors: invalid_argument for differing sizes, and for differing shapes or orders where both
/// containers knew theirs.
template <class A, class B>
void require_same_elements_of_layer(A const& a, B const& b) {
  std::string_view const name = b.which.name;
  require_same_size(a.size, a.which, b.size, name == "w" ? "its w" : b.which.name);
  std::size_t const order_a = a.container.order(), order_b = b.container.order();
  if (a.size == 0 || order_a == 0 || order_b == 0) return;
  if (order_a != order_b || order_a == ~std::size_t{0}) {
    fail(a.which,
         message("has another shape, or another order in memory, than its ") + b.which.name);
  }
}
template <class A, class B>
void require_matching_of_layer(A const& written, B const& input) {
  require_same_elements_of_layer(written, input);
  require_apart(written, input);
}

template <class S>
concept is_stream = std::is_pointer_v<S> || requires(S& s) {
  s.get();
};

/// Members of what somebody may take for a container.
template <class C>
concept resembles_a_container = requires(C& c) {
  c.data();
}
|| requires(C& c) {
  c.begin();
  c.end();
}
|| requires(C& c) {
  c.memptr();
}
|| requires(C& c) {
  c.n_elem;
}
|| requires(C& c) {
  c.size();
  c.innerStride();
}
|| requires(C& c) {
  c.rows() * c.cols();
}
|| requires(C& c) {
  c.nr() * c.nc();
}
|| requires(C& c) {
  c.data;
  c.rows;
  c.cols;
}
|| torch_tensor<C> || has_host_and_device<C> || requires(C& c) {
  c.num_elements();
}
|| requires(C& c) {
  c.data_handle();
};

/// A smart pointer to elements, such as std::unique_ptr<float[]>.
template <class C>
concept owns_by_pointer = requires(C& c) {
  requires std::is_pointer_v<decltype(c.get())>;
  requires element<std::remove_cvref_t<decltype(*c.get())>>;
};

/// The reason why an argument is no container that an operation takes.
enum class refusal { none, on_device, pointer, torch, host_and_device, strided, unknown };

template <class A>
consteval refusal refusal_of() {
  using C = std::remove_cvref_t<A>;
  if constexpr (std::is_pointer_v<C>) {
    using T = std::remove_cv_t<std::remove_pointer_t<C>>;
    if constexpr (std::is_arithmetic_v<T>) {
      return refusal::pointer;
    } else if constexpr (std::is_class_v<T>) {
      return element<T> ? refusal::pointer : refusal::none;
    } else {
      return element<T> ? refusal::pointer : refusal::none;
    }
  } else if constexpr (!std::is_class_v<C> || accessible<A>) {
    return refusal::none;
  } else if constexpr (owns_by_pointer<C>) {
    return refusal::pointer;
  } else if constexpr (lies_on_device<C>) {
    return refusal::on_device;
  } else if constexpr (!resembles_a_container<C>) {
    return refusal::none;
  } else if constexpr (torch_tensor<C>) {
    return refusal::torch;
  } else if constexpr (has_host_and_device<C>) {
    return refusal::host_and_device;
  } else if constexpr (speaks_of_strides<C>) {
    return refusal::strided;
  } else {
    return refusal::unknown;
  }
}

/// A functor that goes with a user's oracle, which may be any class.
template <class F>
concept needs_an_oracle = std::remove_cvref_t<F>::needs_an_oracle;

/// Arguments of an operation on the host of which one is no container that it takes.
template <class First, class... Rest>
concept has_refused = !is_stream<std::remove_cvref_t<First>> && !(needs_an_oracle<Rest> || ...) &&
                      ((refusal_of<Rest>() != refusal::none) || ...);

template <class A>
void refuse() {
  constexpr refusal why = refusal_of<A>();
  static_assert(why != refusal::on_device,
                "a host policy cannot reach a device container's memory: call the operation of the "
                "same name in detent::cuda, with a stream, or copy to the host first");
  static_assert(why != refusal::pointer,
                "a pointer does not tell how many elements there are: pass std::span(data, size)");
  static_assert(
      why != refusal::torch,
      "a tensor of LibTorch may be strided or on a device: pass "
      "std::span(t.data_ptr<float>(), t.numel()) of one that is contiguous and on the CPU");
  static_assert(why != refusal::host_and_device,
                "this container has a copy on the host and one on a device: pass "
                "std::span(t.host(), t.size())");
  static_assert(why != refusal::strided,
                "this container has strides, or may be a view of another one's elements: copy it, "
                "pass std::span(data, size) if its elements lie one after another, or specialize "
                "detent::tensor_access");
  static_assert(why != refusal::unknown,
                "nothing shows that the elements of this container lie one after another: pass "
                "std::span(data, size), or specialize detent::tensor_access");
}
template <class A, class... Rest>
void refuse_containers() {
  if constexpr (refusal_of<A>() != refusal::none) {
    refuse<A>();
  } else {
    refuse_containers<Rest...>();
  }
}

}  // namespace detail

// The sentence for a container that no operation takes, in place of a list of candidates.
template <class A, class... Rest>
requires detail::has_refused<A, Rest...> result<> penalty(A&&, Rest&&...) {
  detail::refuse_containers<Rest...>();
  return {};
}
template <class A, class... Rest>
requires detail::has_refused<A, Rest...> result<> accumulate(A&&, Rest&&...) {
  detail::refuse_containers<Rest...>();
  return {};
}
template <class A, class... Rest>
requires detail::has_refused<A, Rest...>
void quantize(A&&, Rest&&...) {
  detail::refuse_containers<Rest...>();
}
template <class A, class... Rest>
requires detail::has_refused<A, Rest...> result<> backward(A&&, Rest&&...) {
  detail::refuse_containers<Rest...>();
  return {};
}
template <class A, class... Rest>
requires detail::has_refused<A, Rest...>
void snap(A&&, Rest&&...) {
  detail::refuse_containers<Rest...>();
}
template <class A, class... Rest>
requires detail::has_refused<A, Rest...>
void unpack(A&&, Rest&&...) {
  detail::refuse_containers<Rest...>();
}
template <class A, class... Rest>
requires detail::has_refused<A, Rest...> std::remove_cvref_t<A> reduce(A&& fresh, Rest&&...) {
  detail::refuse_containers<Rest...>();
  return fresh;
}
template <class A, class... Rest>
requires detail::has_refused<A, Rest...>
double fit_range(A&&, Rest&&...) {
  detail::refuse_containers<Rest...>();
  return 0;
}

}  // namespace detent::inline DETENT_ABI

template <class T>
inline constexpr bool std::ranges::enable_borrowed_range<detent::tensor_span<T>> = true;
