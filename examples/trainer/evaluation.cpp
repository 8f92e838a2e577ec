// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Counting right answers, and calibrating on the first training images.

#include <algorithm>
#include <cstddef>
#include <detent/detent.hpp>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

#include <trainer/data/batches.hpp>
#include <trainer/data/dataset.hpp>
#include <trainer/evaluation.hpp>
#include <trainer/nn/learned_grid.hpp>
#include <trainer/nn/loss.hpp>
#include <trainer/nn/model.hpp>
#include <trainer/nn/relu.hpp>

namespace detent_trainer {

double accuracy(model& m, const image_set& images) {
  if (images.size() == 0) return std::numeric_limits<double>::quiet_NaN();
  batches all{images, 256, 0, batch_use::evaluation};
  tensor input;
  std::vector<int> labels(all.batch_size());
  std::size_t correct = 0;
  for (std::size_t b = 0; b < all.count(); ++b) {
    const int n = static_cast<int>(all.indices(b).size());
    input.resize(n, images.shape);
    all.fill(b, input.data.data(), labels.data());
    const tensor& outputs = m.forward(input, false);
    correct += static_cast<std::size_t>(
        softmax_cross_entropy(outputs, std::span(labels).first(static_cast<std::size_t>(n)),
                              nullptr)
            .correct);
  }
  return static_cast<double>(correct) / static_cast<double>(images.size());
}

void show_training_images(model& m, const dataset& data) {
  const auto count = std::min<std::size_t>(256, data.train.size());
  tensor images;
  images.resize(static_cast<int>(count), data.train.shape);
  std::copy_n(data.train.pixels.begin(), images.data.size(), images.data.begin());
  m.forward(images, false);
}

void round_activations(model& m, detent::bits bits, std::string_view range) {
  m.for_each_relu([&](relu& r) {
    r.range = static_cast<float>(range_of(detent::unit_grid(bits), r.output().data, range));
    r.bits = bits.count();
  });
}

}  // namespace detent_trainer
