// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Boost's containers of elements that follow one another, and those of which size() or data() tell
// something else.

#include "check.hpp"

#include <boost/array.hpp>
#include <boost/circular_buffer.hpp>
#include <boost/container/deque.hpp>
#include <boost/container/small_vector.hpp>
#include <boost/container/stable_vector.hpp>
#include <boost/container/static_vector.hpp>
#include <boost/container/vector.hpp>
#include <boost/multi_array.hpp>
#include <boost/range/iterator_range.hpp>

#include <span>
#include <vector>

using containers::check_elements;
using detent::readable;
using detent::writable;

namespace {

template <class W, class G>
void check_vectors(W&& w, G&& g) {
  check_elements(w, g, w.size(), [&](auto f) {
    for (std::size_t i = 0; i < w.size(); ++i)
      f(w[i], g[i]);
  });
}

// size() is the first extent.
using array2 = boost::multi_array<float, 2>;
static_assert(!readable<boost::multi_array<float, 1>> && !readable<array2>);
static_assert(!readable<boost::multi_array<float, 3>>);
static_assert(!readable<boost::multi_array_ref<float, 2>>);
static_assert(!readable<boost::const_multi_array_ref<float, 2>>);
static_assert(!readable<array2::array_view<2>::type> && !readable<array2::array_view<1>::type>);
static_assert(!readable<array2::reference>);
// Several pieces of memory.
static_assert(!readable<boost::circular_buffer<float>>);
static_assert(!readable<boost::container::deque<float>>);
static_assert(!readable<boost::container::stable_vector<float>>);

}  // namespace

TEST_CASE("boost: vectors, arrays and ranges of pointers") {
  check_vectors(boost::container::vector<float>(300), std::vector<float>(300));
  check_vectors(boost::container::small_vector<float, 4>(300),
                boost::container::static_vector<float, 300>(300));
  check_vectors(boost::array<float, 300>(), std::vector<float>(300));
  std::vector<float> memory(300);
  check_vectors(boost::make_iterator_range(memory.data(), memory.data() + 300),
                std::vector<float>(300));
}

TEST_CASE("boost: a multi_array goes by the span that the refusal names") {
  array2 w(boost::extents[10][20]), g(boost::extents[10][20]);
  std::span elements(w.data(), w.num_elements()), gradient(g.data(), g.num_elements());
  check_elements(elements, gradient, 200, [&](auto f) {
    for (int r = 0; r < 10; ++r) {
      for (int c = 0; c < 20; ++c)
        f(w[r][c], g[r][c]);
    }
  });
}
