// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// exported_network: a trained network with packed codes for its weights, to a file and back.

#include <cstddef>
#include <cstdint>
#include <detent/grid/uniform.hpp>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <trainer/export/safetensors.hpp>
#include <trainer/image_shape.hpp>
#include <trainer/nn/model.hpp>

namespace detent_trainer {

/// The weights of one layer as codes; docs/export.md describes the layout.
struct exported_layer {
  std::size_t count = 0;
  int bits = 8;
  detent::uniform<double> grid{detent::step_size{1}, 0, 0, 255};
  double gain = 1;
  std::vector<std::uint8_t> codes;  ///< `detent::packed_codes`

  /// Code i as it is stored, counted from the lowest.
  int stored(std::size_t i) const;

  /// What the network computes with in place of a stored code.
  float level(int stored_code) const;

  /// The weights, by the same operations as the quantizer's: equal to its levels bit for bit.
  std::vector<float> levels() const;
};

/// A network as a file holds it.
struct exported_network {
  std::string model;
  std::string method;
  image_shape input;
  int classes = 10;
  double test_accuracy = 0;  ///< as the trainer measured it
  int activation_bits = 32;
  std::vector<float> activation_ranges;               ///< in the order of the rectifiers; or empty
  std::map<std::string, exported_layer> layers;       ///< by the name of the parameter
  std::map<std::string, std::vector<float>> numbers;  ///< the other parameters, and statistics
};

/// The most pixels that an exported network takes: a file must not ask for a huge network.
inline constexpr int max_exported_pixels = 1 << 14;

/// Throws `error` for images that are too large; asked before the training.
void require_exportable(image_shape images);

/// Calls f(name, numbers) for all that a model remembers: parameters by their names, statistics of
/// batch normalization as NAME.running_mean and NAME.running_variance.
void for_each_named(model& m,
                    const std::function<void(const std::string&, std::vector<float>&)>& f);

/// The content of the file.
safetensors to_safetensors(const exported_network& network);

/// Reads and checks an exported network; rebuilt() checks that it is one of its model.
///
/// @param  file  its name, for the messages
/// Errors: `error` naming the file and the tensor or entry, for all that parse_safetensors refuses
/// and for metadata that is missing or wrong, codes that do not fit their count or their grid.
exported_network parse_network(std::span<const std::byte> bytes, std::string_view file);

exported_network read_network(const std::string& path);

/// The network, ready to classify, with its weights on their levels.
/// @param  file  the name of where it was read, for the messages
/// Errors: `error` for a tensor that is missing, too many, or of another size than the model's.
model rebuilt(const exported_network& network, std::string_view file);

}  // namespace detent_trainer
