// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// tensor_access: how an operation finds the elements of a container.

#include <concepts>
#include <cstddef>
#include <detent/config.hpp>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <span>  // the concepts of ranges too, at a third of the price of <ranges>
#include <type_traits>
#include <utility>

namespace detent::inline DETENT_ABI {

/// The extents of a tensor, and its order: how many elements apart in memory the neighbours along
/// each dimension lie.
///
///     tensor_shape::by_rows({5, 7})          strides 7, 1
///     tensor_shape::by_columns({5, 7})       strides 1, 5
///
/// Dimensions of extent 1 are left out: they have no order.
struct tensor_shape {
  static constexpr std::size_t max_rank = 8;

  std::size_t rank = 0;  ///< above `max_rank` where the order cannot be told: it agrees with none
  std::size_t extent[max_rank] = {};
  std::size_t stride[max_rank] = {};

  constexpr void add(std::size_t extent_of_one, std::size_t stride_of_one) noexcept {
    if (extent_of_one == 1) return;
    if (rank < max_rank) {
      extent[rank] = extent_of_one;
      stride[rank] = stride_of_one;
      ++rank;
    } else {
      rank = max_rank + 1;
    }
  }

  /// The last dimension is contiguous, as in C.
  static constexpr tensor_shape by_rows(std::initializer_list<std::size_t> extents) noexcept {
    tensor_shape shape;
    std::size_t stride = 1;
    for (std::size_t const e : extents)
      stride *= e;
    for (std::size_t const e : extents) {
      stride = e == 0 ? 0 : stride / e;
      shape.add(e, stride);
    }
    return shape;
  }

  /// The first dimension is contiguous, as in Fortran.
  static constexpr tensor_shape by_columns(std::initializer_list<std::size_t> extents) noexcept {
    tensor_shape shape;
    std::size_t stride = 1;
    for (std::size_t const e : extents) {
      shape.add(e, stride);
      stride *= e;
    }
    return shape;
  }

  /// Whether the strides go through `size` elements without a gap and without a repetition.
  constexpr bool is_contiguous(std::size_t size) const noexcept {
    if (size == 0) return true;
    if (rank > max_rank) return false;
    bool used[max_rank] = {};
    std::size_t next = 1;
    for (std::size_t step = 0; step < rank; ++step) {
      std::size_t d = 0;
      while (d < rank && (used[d] || stride[d] != next))
        ++d;
      if (d == rank) return false;
      used[d] = true;
      next *= extent[d];
    }
    return next == size;
  }

  /// Whether element i of one lies at the place of element i of the other, for tensors of the same
  /// size. One with a single dimension, or none, agrees with every tensor.
  constexpr bool agrees(tensor_shape const& other) const noexcept {
    if (rank < 2 || other.rank < 2) return true;
    if (rank != other.rank || rank > max_rank) return false;
    for (std::size_t d = 0; d < rank; ++d) {
      if (extent[d] != other.extent[d] || stride[d] != other.stride[d]) return false;
    }
    return true;
  }
};

namespace detail {

/// Whose elements lie in device memory: data() is a class with get(), as Thrust's pointer is, or
/// the type says so.
template <class C>
concept lies_on_device = C::lies_on_device || requires(C& c) {
  requires std::is_class_v<decltype(c.data())>;
  c.data().get();
};

/// Rows and columns that a type names, -1 for what only its objects know.
struct static_matrix {
  std::ptrdiff_t rows = -1, columns = -1;
  bool by_rows = false;

  constexpr bool is_vector() const noexcept { return rows == 1 || columns == 1; }
  constexpr bool contradicts(static_matrix const& other) const noexcept {
    if (is_vector() || other.is_vector()) return false;
    return by_rows != other.by_rows || differ(rows, other.rows) || differ(columns, other.columns);
  }

 private:
  static constexpr bool differ(std::ptrdiff_t a, std::ptrdiff_t b) noexcept {
    return a >= 0 && b >= 0 && a != b;
  }
};

// Libraries are known by their members: none of their headers is included, and no version of them
// is required.

/// Eigen's matrices, arrays, maps, references and blocks with elements in memory.
template <class C>
concept eigen_matrix = requires(C& c) {
  c.data();
  c.rows();
  c.cols();
  c.innerSize();
  c.outerSize();
  c.innerStride();
  c.outerStride();
  static_cast<bool>(C::IsRowMajor);
  static_cast<std::ptrdiff_t>(C::RowsAtCompileTime);
  static_cast<std::ptrdiff_t>(C::ColsAtCompileTime);
};

/// A TensorRef is an expression, whose data() may be null: it says so.
template <class C>
concept without_raw_access = requires {
  requires !static_cast<bool>(C::RawAccess);
};

/// Eigen's Tensor, TensorFixedSize and TensorMap.
template <class C>
concept eigen_tensor = !without_raw_access<C> && requires(C & c) {
  c.data();
  c.size();
  c.dimensions()[0];
  static_cast<int>(C::Layout);
  static_cast<std::size_t>(C::NumIndices);
};

/// Armadillo's Mat, Col, Row and Cube.
template <class C>
concept armadillo_matrix = requires(C& c) {
  requires std::is_pointer_v<decltype(c.memptr())>;
  static_cast<std::size_t>(c.n_elem);
  static_cast<std::size_t>(c.n_rows);
  static_cast<std::size_t>(c.n_cols);
};

/// An accessor that reads and writes the pointer's own elements, as far as its type can tell.
template <class C>
concept plain_accessor = !requires {
  typename C::accessor_type;
}
|| (std::is_empty_v<typename C::accessor_type> && requires(C const& c) {
  {
    c.accessor().access(c.data_handle(), std::size_t{})
    } -> std::same_as<decltype(*c.data_handle())>;
});

/// std::mdspan, and what has its members.
template <class C>
concept mdspan_like = plain_accessor<C> && requires(C const& c) {
  requires std::is_pointer_v<std::remove_cvref_t<decltype(c.data_handle())>>;
  { c.is_exhaustive() } -> std::convertible_to<bool>;
  { c.extent(0) } -> std::convertible_to<std::size_t>;
  { C::rank() } -> std::convertible_to<std::size_t>;
  c.mapping();
};

/// xtensor's containers and adaptors. Its views lack resize().
template <class C>
concept xtensor_container = requires(C& c) {
  requires std::is_pointer_v<decltype(c.data())>;
  c.storage();
  c.shape();
  c.strides();
  c.data_offset();
  c.begin();
  c.resize(c.shape());
  C::static_layout;
};

/// Members by which a class shows that its elements may not follow one another.
template <class C>
concept speaks_of_strides = requires(C& c) {
  c.stride();
}
|| requires(C& c) {
  c.stride(0);
}
|| requires(C& c) {
  c.strides();
}
|| requires(C& c) {
  c.strides(0);
}
|| requires(C& c) {
  c.stride;
}
|| requires(C& c) {
  c.strides;
}
|| requires(C& c) {
  c.get_stride();
}
|| requires(C& c) {
  c.get_strides();
}
|| requires(C& c) {
  c.innerStride();
}
|| requires(C& c) {
  c.outerStride();
}
|| requires(C& c) {
  c.inner_stride();
}
|| requires(C& c) {
  c.outer_stride();
}
|| requires(C& c) {
  c.row_stride();
}
|| requires(C& c) {
  c.row_stride;
}
|| requires(C& c) {
  c.stride_0();
}
|| requires(C& c) {
  c.stride_bytes();
}
|| requires(C& c) {
  c.leading_dimension();
}
|| requires(C& c) {
  c.leading_dimension;
}
|| requires(C& c) {
  c.pitch();
}
|| requires(C& c) {
  c.pitch;
}
|| requires(C& c) {
  c.num_elements();
}
|| requires(C& c) {
  c.index_bases();
}
|| requires(C& c) {
  c.data_handle();
}
|| requires(C& c) {
  c.mapping();
}
|| requires(C& c) {
  c.data_offset();
};

/// LibTorch's tensors.
template <class C>
concept torch_tensor = requires(C& c) {
  c.numel();
}
|| requires(C& c) {
  c.template data_ptr<float>();
}
|| requires(C& c) {
  c.data_ptr();
};

/// A copy on the host and one on a device, as dlib::tensor has.
template <class C>
concept has_host_and_device = requires(C& c) {
  c.host();
  c.device();
};

/// Random access by iterators that hold nothing but a pointer: so the step from one element to the
/// next is the same everywhere, and a look at two elements tells it. Boost.Container's vectors,
/// whose iterators do not promise more, and thrust::host_vector.
template <class C>
concept stepped_by_a_pointer = std::ranges::random_access_range<C&> &&
                                   sizeof(std::ranges::iterator_t<C&>) == sizeof(void*) &&
                               requires(C& c) {
  requires std::same_as<decltype(c.data()), std::add_pointer_t<std::ranges::range_reference_t<C&>>>;
};

/// Contiguous by its iterators, and sized.
template <class C>
concept contiguous =
    (std::ranges::contiguous_range<C&> || stepped_by_a_pointer<C>)&&std::ranges::sized_range<
        C&>&& std::is_lvalue_reference_v<std::ranges::range_reference_t<C&>>;

enum class container_kind {
  none,
  array,
  eigen_matrix,
  eigen_tensor,
  armadillo,
  mdspan,
  xtensor,
  range
};

/// The proof that a container's elements lie one after another, by the order in which it is tried.
template <class C>
consteval container_kind kind_of() {
  if constexpr (std::is_bounded_array_v<C>) {
    return container_kind::array;
  } else if constexpr (!std::is_class_v<C> || lies_on_device<C>) {
    return container_kind::none;
  } else if constexpr (eigen_matrix<C>) {
    return container_kind::eigen_matrix;
  } else if constexpr (eigen_tensor<C>) {
    return container_kind::eigen_tensor;
  } else if constexpr (armadillo_matrix<C>) {
    return container_kind::armadillo;
  } else if constexpr (mdspan_like<C>) {
    return container_kind::mdspan;
  } else if constexpr (xtensor_container<C>) {
    return container_kind::xtensor;
  } else if constexpr (contiguous<C> && !speaks_of_strides<C> && !torch_tensor<C> &&
                       !has_host_and_device<C> && !without_raw_access<C>) {
    return container_kind::range;
  } else {
    return container_kind::none;
  }
}

template <class C>
concept has_kind = kind_of<C>()
!= container_kind::none;

}  // namespace detail

/// How an operation finds the elements of a container of type C.
///
/// It is there for C arrays; for sized contiguous ranges, such as std::vector, std::array,
/// std::span, std::valarray and Boost.Container's; for std::mdspan and its like; for Eigen's
/// matrices, arrays, maps, references, blocks and tensors; for Armadillo's matrices and cubes; for
/// xtensor's containers. What only an object knows, such as strides, is checked in each call.
///
/// A class that merely has data() and size() is not taken on trust: several libraries have views
/// for which these do not describe the elements. Specialize the trait for a class of your own whose
/// elements lie one after another, or pass `std::span(data, size)`:
///
///     template <>
///     struct detent::tensor_access<mine::tensor> {
///       static float* data(mine::tensor& t) { return t.memory(); }
///       static float const* data(mine::tensor const& t) { return t.memory(); }
///       static std::size_t size(mine::tensor const& t) { return t.count(); }
///       // Optional. With it, containers of another shape or order are refused beside this one:
///       static detent::tensor_shape shape(mine::tensor const& t) {
///         return detent::tensor_shape::by_rows({t.rows(), t.columns()});
///       }
///       // Optional. A sentence without its subject where the elements cannot be used, else null:
///       static char const* problem(mine::tensor const& t) {
///         return t.is_dense() ? nullptr : "is not dense";
///       }
///     };
///
/// @tparam C  a container, without const and reference
/// @note docs/snippets/own_container.cpp is a complete program.
template <class C>
struct tensor_access {};

/// C arrays, of several dimensions too.
template <class T, std::size_t N>
struct tensor_access<T[N]> {
  static constexpr detail::static_matrix matrix{
      std::rank_v<T> == 1   ? static_cast<std::ptrdiff_t>(N)
      : std::rank_v<T> == 0 ? 1
                            : -1,
      std::rank_v<T> == 1 ? static_cast<std::ptrdiff_t>(std::extent_v<T>) : -1, true};

  template <class A>
  static constexpr auto data(A& array) noexcept {
    if constexpr (std::is_array_v<T>) {
      return tensor_access<T>::data(array[0]);
    } else {
      return static_cast<std::remove_reference_t<decltype(array[0])>*>(array);
    }
  }
  template <class A>
  static constexpr std::size_t size(A&) noexcept {
    return sizeof(A) / sizeof(std::remove_all_extents_t<A>);
  }
  template <class A>
  static constexpr tensor_shape shape(A&) noexcept {
    tensor_shape shape;
    add_extents<A>(shape);
    return shape;
  }

 private:
  template <class A>
  static constexpr void add_extents(tensor_shape& shape) noexcept {
    if constexpr (std::is_array_v<A>) {
      using row = std::remove_extent_t<A>;
      shape.add(std::extent_v<A>, sizeof(row) / sizeof(std::remove_all_extents_t<A>));
      add_extents<row>(shape);
    }
  }
};

template <class C>
requires(detail::kind_of<C>() == detail::container_kind::eigen_matrix) struct tensor_access<C> {
  static constexpr detail::static_matrix matrix{static_cast<std::ptrdiff_t>(C::RowsAtCompileTime),
                                                static_cast<std::ptrdiff_t>(C::ColsAtCompileTime),
                                                static_cast<bool>(C::IsRowMajor)};

  template <class M>
  static auto data(M& m) {
    return m.data();
  }
  static std::size_t size(C const& m) {
    return static_cast<std::size_t>(m.rows()) * static_cast<std::size_t>(m.cols());
  }
  static tensor_shape shape(C const& m) {
    auto const rows = static_cast<std::size_t>(m.rows());
    auto const columns = static_cast<std::size_t>(m.cols());
    return C::IsRowMajor ? tensor_shape::by_rows({rows, columns})
                         : tensor_shape::by_columns({rows, columns});
  }
  static char const* problem(C const& m) {
    bool const strided = (m.innerSize() > 1 && m.innerStride() != 1) ||
                         (m.outerSize() > 1 && m.outerStride() != m.innerSize());
    return strided && size(m) != 0 ? "is not contiguous: its elements have strides" : nullptr;
  }
};

template <class C>
requires(detail::kind_of<C>() == detail::container_kind::eigen_tensor) struct tensor_access<C> {
  template <class T>
  static auto data(T& t) {
    return t.data();
  }
  static std::size_t size(C const& t) { return static_cast<std::size_t>(t.size()); }
  static tensor_shape shape(C const& t) {
    constexpr auto rank = static_cast<std::size_t>(C::NumIndices);
    constexpr bool by_rows = static_cast<int>(C::Layout) == 1;
    tensor_shape shape;
    for (std::size_t d = 0; d < rank; ++d) {
      std::size_t stride = 1;
      for (std::size_t e = by_rows ? d + 1 : 0; e < (by_rows ? rank : d); ++e)
        stride *= static_cast<std::size_t>(t.dimensions()[e]);
      shape.add(static_cast<std::size_t>(t.dimensions()[d]), stride);
    }
    return shape;
  }
};

template <class C>
requires(detail::kind_of<C>() == detail::container_kind::armadillo) struct tensor_access<C> {
  template <class M>
  static auto data(M& m) {
    return m.memptr();
  }
  static std::size_t size(C const& m) { return static_cast<std::size_t>(m.n_elem); }
  static tensor_shape shape(C const& m) {
    auto const rows = static_cast<std::size_t>(m.n_rows);
    auto const columns = static_cast<std::size_t>(m.n_cols);
    if constexpr (requires { m.n_slices; }) {
      return tensor_shape::by_columns({rows, columns, static_cast<std::size_t>(m.n_slices)});
    } else {
      return tensor_shape::by_columns({rows, columns});
    }
  }
};

template <class C>
requires(detail::kind_of<C>() == detail::container_kind::mdspan) struct tensor_access<C> {
  static auto data(C const& m) { return m.data_handle(); }
  static std::size_t size(C const& m) {
    std::size_t product = 1;
    for (std::size_t d = 0; d < static_cast<std::size_t>(C::rank()); ++d)
      product *= extent(m, d);
    return product;
  }
  static tensor_shape shape(C const& m) {
    tensor_shape shape;
    for (std::size_t d = 0; d < static_cast<std::size_t>(C::rank()); ++d)
      shape.add(extent(m, d), stride(m, d));
    if (!has_strides(m) && shape.rank > 1) shape.rank = tensor_shape::max_rank + 1;
    return shape;
  }
  static char const* problem(C const& m) {
    if (size(m) == 0) return nullptr;
    if (!m.is_exhaustive()) return "is not exhaustive: its elements have strides";
    if constexpr (requires { m.is_unique(); }) {
      if (!m.is_unique()) return "is not unique: several indices show the same element";
    }
    if constexpr (requires { m.accessor(); }) {
      for (std::size_t const i : {std::size_t{1}, size(m) - 1}) {
        auto const* const element = std::addressof(m.accessor().access(m.data_handle(), i));
        if (i < size(m) && element != m.data_handle() + i)
          return "has an accessor that moves elements";
      }
    }
    return nullptr;
  }

 private:
  using index = decltype(std::declval<C const&>().extent(0));
  static std::size_t extent(C const& m, std::size_t d) {
    return static_cast<std::size_t>(m.extent(d));
  }
  static bool has_strides(C const& m) {
    if constexpr (requires { m.is_strided(); }) {
      return m.is_strided();
    } else {
      return requires {
        m.stride(0);
      };
    }
  }
  static std::size_t stride(C const& m, std::size_t d) {
    if constexpr (requires { m.stride(d); }) {
      return has_strides(m) ? static_cast<std::size_t>(m.stride(d)) : 0;
    } else {
      return 0;
    }
  }
};

template <class C>
requires(detail::kind_of<C>() == detail::container_kind::xtensor) struct tensor_access<C> {
  template <class X>
  static auto data(X& x) {
    return x.data();
  }
  static std::size_t size(C const& x) {
    std::size_t product = 1;
    for (auto const extent : x.shape())
      product *= static_cast<std::size_t>(extent);
    return product;
  }
  static tensor_shape shape(C const& x) {
    tensor_shape shape;
    std::size_t d = 0;
    for (auto const extent : x.shape())
      shape.add(static_cast<std::size_t>(extent), static_cast<std::size_t>(x.strides()[d++]));
    return shape;
  }
  static char const* problem(C const& x) {
    if (size(x) == 0) return nullptr;
    if (!shape(x).is_contiguous(size(x))) return "is not contiguous: its elements have strides";
    bool const starts_elsewhere = x.data_offset() != 0 || std::addressof(*x.begin()) != x.data();
    return starts_elsewhere ? "has data() that is not the address of its first element" : nullptr;
  }
};

namespace detail {

/// The element of a matrix in a row and a column, which are constants: they go into any index type.
template <int Row, int Column, class C>
decltype(auto) element_at(C const& c) requires requires {
  c(Row, Column);
}
{ return c(Row, Column); }
template <int Row, int Column, class C>
decltype(auto) element_at(C const& c) requires(
    !requires { c(Row, Column); } && requires { c[Row][Column]; }) {
  return c[Row][Column];
}

/// Rows and columns of a range that is a matrix, which finds its elements by two indices.
template <class C>
concept has_rows_and_columns = (
                                   requires(C const& c) { c.nr() + c.nc(); } ||
                                   requires(C const& c) { c.rows() + c.cols(); }) &&
                               requires(C const& c) {
  requires std::is_lvalue_reference_v<decltype(element_at<0, 0>(c))>;
};
template <class C>
std::size_t rows_of(C const& c) {
  if constexpr (requires { c.nr() + c.nc(); }) {
    return static_cast<std::size_t>(c.nr());
  } else {
    return static_cast<std::size_t>(c.rows());
  }
}
template <class C>
std::size_t columns_of(C const& c) {
  if constexpr (requires { c.nr() + c.nc(); }) {
    return static_cast<std::size_t>(c.nc());
  } else {
    return static_cast<std::size_t>(c.cols());
  }
}

template <class C>
concept has_extents = requires(C const& c) {
  static_cast<std::size_t>(*c.shape().begin());
  c.shape().end();
};

}  // namespace detail

template <class C>
requires(detail::kind_of<C>() == detail::container_kind::range) struct tensor_access<C> {
  template <detail::contiguous R>
  static constexpr auto data(R& range) {
    if constexpr (std::ranges::contiguous_range<R&>) {
      return std::ranges::data(range);
    } else {
      return range.data();
    }
  }
  template <detail::contiguous R>
  static constexpr std::size_t size(R& range) {
    return static_cast<std::size_t>(std::ranges::size(range));
  }
  template <detail::contiguous R>
  static tensor_shape shape(R& range) requires detail::has_rows_and_columns<C> {
    // The order is asked of the elements: &range(1, 0) is a row further.
    tensor_shape shape;
    if (size(range) == 0) return shape;
    C const& c = range;
    auto const distance = [&](auto const& element) {
      return static_cast<std::size_t>(std::addressof(element) -
                                      std::addressof(detail::element_at<0, 0>(c)));
    };
    std::size_t const rows = detail::rows_of(c), columns = detail::columns_of(c);
    if (rows > 1) shape.add(rows, distance(detail::element_at<1, 0>(c)));
    if (columns > 1) shape.add(columns, distance(detail::element_at<0, 1>(c)));
    return shape;
  }
  template <detail::contiguous R>
  static char const* problem(R& range) {
    std::size_t const count = size(range);
    if (count == 0) return nullptr;
    auto const first = std::ranges::begin(range);
    for (std::size_t const i : {std::size_t{0}, std::size_t{1}, count / 2, count - 1}) {
      using difference = std::ranges::range_difference_t<R&>;
      if (i >= count || (i > 0 && std::ranges::contiguous_range<R&>)) continue;
      auto const* const element = std::addressof(first[static_cast<difference>(i)]);
      if (element == data(range) + i) continue;
      return i == 0 ? "has data() that is not the address of its first element"
                    : "is not contiguous: its elements have strides";
    }
    using sentinel = std::ranges::sentinel_t<R>;
    if constexpr (std::sized_sentinel_for<sentinel, std::ranges::iterator_t<R>>) {
      if (static_cast<std::size_t>(std::ranges::end(range) - first) != count) {
        return "has a size() that is not the number of its elements";
      }
    }
    if constexpr (detail::has_rows_and_columns<C>) {
      if (detail::rows_of(range) * detail::columns_of(range) != count ||
          !shape(range).is_contiguous(count)) {
        return "has rows and columns that are not its elements one after another";
      }
    } else if constexpr (detail::has_extents<C>) {
      std::size_t product = 1;
      for (auto const extent : std::as_const(range).shape())
        product *= static_cast<std::size_t>(extent);
      if (product != count) return "has a size() that is not the product of its shape()";
    }
    return nullptr;
  }
};

namespace detail {

template <class C>
using access_of = tensor_access<std::remove_cvref_t<C>>;

/// A container whose elements an operation finds, of any type.
template <class C>
concept accessible = requires(std::remove_reference_t<C>& c) {
  requires std::is_pointer_v<decltype(access_of<C>::data(c))>;
  { access_of<C>::size(c) } -> std::convertible_to<std::size_t>;
};

template <class C>
using pointer_of = decltype(access_of<C>::data(std::declval<std::remove_reference_t<C>&>()));
template <class C>
using element_of = std::remove_cv_t<std::remove_pointer_t<pointer_of<C>>>;

template <class C>
concept has_shape = requires(std::remove_reference_t<C>& c) {
  { access_of<C>::shape(c) } -> std::same_as<tensor_shape>;
};

/// The shape of a container; one dimension where it knows none.
template <class C>
tensor_shape shape_of(C& c) {
  if constexpr (has_shape<C>) {
    return access_of<C>::shape(c);
  } else {
    return {};
  }
}

/// The reason why an object cannot be used, null where there is none.
template <class C>
char const* problem_of(C& c) {
  if constexpr (requires { access_of<C>::problem(c); }) {
    return access_of<C>::problem(c);
  } else {
    return nullptr;
  }
}

/// Whether two types name shapes or orders that cannot be the same.
template <class A, class B>
consteval bool types_contradict() {
  if constexpr (requires { access_of<A>::matrix.contradicts(access_of<B>::matrix); }) {
    return access_of<A>::matrix.contradicts(access_of<B>::matrix);
  } else {
    return false;
  }
}

}  // namespace detail
}  // namespace detent::inline DETENT_ABI
