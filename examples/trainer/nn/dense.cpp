// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// The three products of a fully connected layer.

#include <algorithm>
#include <cstddef>
#include <functional>
#include <string>

#include <trainer/nn/dense.hpp>
#include <trainer/nn/matrix_product.hpp>
#include <trainer/nn/parallel.hpp>

namespace detent_trainer {

dense::dense(const std::string& name, int inputs, int outputs)
    : inputs_{inputs},
      outputs_{outputs},
      weight_{name + ".weight",
              static_cast<std::size_t>(inputs) * static_cast<std::size_t>(outputs), 0.0F},
      bias_{name + ".bias", static_cast<std::size_t>(outputs), 0.0F} {
  weight_.quantizable = true;
  weight_.fan_in = bias_.fan_in = inputs;
  weight_.operations = weight_.value.size();
}

const tensor& dense::forward(const tensor& input, bool) {
  input_ = &input;
  output_.resize(input.n, outputs_);
  const const_matrix x{input.data.data(), input.n, inputs_};
  for_each_shard(outputs_, threads_, [&](int begin, int end, int) {
    for (int i = 0; i < input.n; ++i) {
      std::copy(bias_.used() + begin, bias_.used() + end, output_.image(i) + begin);
    }
    add_product_right_transposed({output_.data.data() + begin, input.n, end - begin, outputs_}, x,
                                 {weight_.used() + row(begin), end - begin, inputs_});
  });
  return output_;
}

const tensor& dense::backward(const tensor& upstream) {
  const float* dy = upstream.data.data();
  for_each_shard(outputs_, threads_, [&](int begin, int end, int) {
    for (int i = 0; i < upstream.n; ++i) {
      const float* one = upstream.image(i);
      for (int output = begin; output < end; ++output)
        bias_.gradient.data()[output] += one[output];
    }
    add_product_left_transposed({weight_.gradient.data() + row(begin), end - begin, inputs_},
                                {dy + begin, upstream.n, end - begin, outputs_},
                                {input_->data.data(), upstream.n, inputs_});
  });
  if (!needs_input_gradient_) return gradient_;
  gradient_.resize_like(*input_);
  for_each_shard(inputs_, threads_, [&](int begin, int end, int) {
    for (int i = 0; i < upstream.n; ++i) {
      std::fill(gradient_.image(i) + begin, gradient_.image(i) + end, 0.0F);
    }
    add_product({gradient_.data.data() + begin, upstream.n, end - begin, inputs_},
                {dy, upstream.n, outputs_},
                {weight_.used() + begin, outputs_, end - begin, inputs_});
  });
  return gradient_;
}

void dense::visit(const std::function<void(parameter&)>& visitor) {
  visitor(weight_);
  visitor(bias_);
}

}  // namespace detent_trainer
