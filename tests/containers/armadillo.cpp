// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Armadillo's matrices, vectors and cubes.

#include "check.hpp"

#include <armadillo>

#include <utility>
#include <vector>

using containers::check_elements;
using containers::refusal;
using detent::readable;
using detent::writable;

namespace {

template <class W, class G>
void check_matrices(W&& w, G&& g) {
  check_elements(w, g, w.n_elem, [&](auto f) {
    for (arma::uword r = 0; r < w.n_rows; ++r) {
      for (arma::uword c = 0; c < w.n_cols; ++c)
        f(w.at(r, c), g.at(r, c));
    }
  });
}

// Views and expressions over another object's elements.
static_assert(!readable<decltype(std::declval<arma::fmat&>().row(0))>);
static_assert(!readable<decltype(std::declval<arma::fmat&>().col(0))>);
static_assert(!readable<decltype(std::declval<arma::fmat&>().submat(0, 0, 1, 1))>);
static_assert(!readable<decltype(std::declval<arma::fmat&>().diag())>);
static_assert(!readable<decltype(std::declval<arma::fmat&>().elem(arma::uvec{0}))>);
static_assert(!readable<decltype(std::declval<arma::fmat&>().t())>);
static_assert(!readable<decltype(std::declval<arma::fcube&>().subcube(0, 0, 0, 1, 1, 1))>);
static_assert(!readable<arma::sp_fmat> && !readable<arma::field<float>> && !readable<arma::imat>);
static_assert(writable<arma::fmat> && readable<arma::fmat const> && !writable<arma::fmat const>);

}  // namespace

TEST_CASE("armadillo: matrices, vectors and fixed sizes") {
  check_matrices(arma::fmat(13, 29), arma::fmat(13, 29));
  check_matrices(arma::fvec(41), arma::fvec(41));
  check_matrices(arma::frowvec(41), arma::frowvec(41));
  check_matrices(arma::fmat::fixed<5, 7>(), arma::fmat(5, 7));
  std::vector<float> memory(35);
  check_matrices(arma::fmat(memory.data(), 5, 7, false, true), arma::fmat(5, 7));
}

TEST_CASE("armadillo: cubes, and a slice of one") {
  arma::fcube w(3, 4, 5), g(3, 4, 5);
  check_elements(w, g, 60, [&](auto f) {
    for (arma::uword r = 0; r < 3; ++r) {
      for (arma::uword c = 0; c < 4; ++c) {
        for (arma::uword s = 0; s < 5; ++s)
          f(w.at(r, c, s), g.at(r, c, s));
      }
    }
  });
  check_matrices(w.slice(2), g.slice(3));
  CHECK(!refusal(w, arma::fcube(5, 4, 3)).empty());
}

TEST_CASE("armadillo: other shapes are refused, flat containers are not") {
  arma::fmat const w(5, 7, arma::fill::ones);
  CHECK(refusal(w, arma::fmat(7, 5)) ==
        "detent: g: has 7 x 5 elements stored by columns where w has 5 x 7 elements stored by "
        "columns");
  float rows[5][7] = {};
  CHECK(refusal(w, rows) ==
        "detent: g: has 5 x 7 elements stored by rows where w has 5 x 7 elements stored by "
        "columns");
  CHECK(rows[4][6] == 0.0f);
  CHECK(refusal(w, std::vector<float>(35)).empty());
  CHECK(refusal(w, arma::fvec(35)).empty());
}
