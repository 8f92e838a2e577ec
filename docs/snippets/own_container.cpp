// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// A program's own tensor: one trait tells detent where its elements are, in which order, and which
// objects cannot be used.

#include <cstddef>
#include <cstdio>
#include <detent/detent.hpp>
#include <vector>

namespace mine {

/// A matrix stored by rows, or the first columns of one, which are not contiguous.
class tensor {
 public:
  tensor(std::size_t rows, std::size_t columns)
      : memory_(rows * columns), rows_(rows), columns_(columns), stride_(columns) {}

  tensor first_columns(std::size_t count) const {
    tensor part = *this;
    part.columns_ = count;
    return part;
  }

  float* memory() { return memory_.data(); }
  float const* memory() const { return memory_.data(); }
  std::size_t rows() const { return rows_; }
  std::size_t columns() const { return columns_; }
  bool is_dense() const { return columns_ == stride_; }

 private:
  std::vector<float> memory_;
  std::size_t rows_, columns_, stride_;
};

}  // namespace mine

template <>
struct detent::tensor_access<mine::tensor> {
  static float* data(mine::tensor& t) { return t.memory(); }
  static float const* data(mine::tensor const& t) { return t.memory(); }
  static std::size_t size(mine::tensor const& t) { return t.rows() * t.columns(); }
  // Optional: with it, containers of another shape or order are refused beside this one.
  static detent::tensor_shape shape(mine::tensor const& t) {
    return detent::tensor_shape::by_rows({t.rows(), t.columns()});
  }
  // Optional: why an object cannot be used.
  static char const* problem(mine::tensor const& t) {
    return t.is_dense() ? nullptr : "is not dense";
  }
};

int main() {
  mine::tensor w(2, 3), g(2, 3), turned(3, 2);
  for (std::size_t i = 0; i < 6; ++i)
    w.memory()[i] = 0.15f * static_cast<float>(i);

  auto const reg = detent::sinusoidal{detent::dorefa_grid(detent::bits{3})};
  std::printf("loss %.4f\n", detent::accumulate(reg, w, g, 10.0).value);

  for (auto* other : {&turned, &w}) {
    try {
      detent::accumulate(reg, other == &w ? w.first_columns(2) : w, *other, 10.0);
    } catch (detent::invalid_argument const& e) {
      std::printf("%s\n", e.what());
    }
  }
}
