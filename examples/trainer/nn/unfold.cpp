// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Copying pixels under every tap of a window, and adding them back.

#include <algorithm>
#include <cstddef>
#include <cstring>

#include <trainer/image_shape.hpp>
#include <trainer/nn/unfold.hpp>

namespace detent_trainer {

namespace {

// The window's positions along one axis whose tap lies inside the image, and the input of the
// first of them.
struct reach {
  int begin, end, first_input;

  int count() const { return end - begin; }
};

reach reach_of(window w, int tap, int inputs) {
  const int offset = tap - w.padding;
  const int begin = offset >= 0 ? 0 : (-offset + w.stride - 1) / w.stride;
  const int end = std::min(w.outputs(inputs), (inputs - offset + w.stride - 1) / w.stride);
  return {begin, std::max(begin, end), begin * w.stride + offset};
}

// Rows of numbers inside a larger array.
template <class Number>
struct rows_view {
  Number* first;
  int row_step;
  int step;  // from one number of a row to the next
};

// Rows are short, so a call of memcpy would cost more than the copy: whole blocks, of which the
// last may overlap the one before it.
template <int Block>
void copy_rows(rows_view<const float> from, rows_view<float> to, int rows, int count) {
  const float* in = from.first;
  float* out = to.first;
  for (int y = 0; y < rows; ++y, in += from.row_step, out += to.row_step) {
    for (int i = 0; i + Block < count; i += Block) {
      std::memcpy(out + i, in + i, Block * sizeof(float));
    }
    std::memcpy(out + count - Block, in + count - Block, Block * sizeof(float));
  }
}

void copy(rows_view<const float> from, rows_view<float> to, int rows, int count) {
  if (from.step == 1 && count >= 16) return copy_rows<16>(from, to, rows, count);
  if (from.step == 1 && count >= 8) return copy_rows<8>(from, to, rows, count);
  if (from.step == 1 && count >= 4) return copy_rows<4>(from, to, rows, count);
  for (int y = 0; y < rows; ++y) {
    const float* in = from.first + y * from.row_step;
    float* out = to.first + y * to.row_step;
    for (int i = 0; i < count; ++i)
      out[i] = in[i * from.step];
  }
}

void add(rows_view<const float> from, rows_view<float> to, int rows, int count) {
  for (int y = 0; y < rows; ++y) {
    const float* in = from.first + y * from.row_step;
    float* out = to.first + y * to.row_step;
    if (to.step == 1) {
      for (int i = 0; i < count; ++i)
        out[i] += in[i];
    } else {
      for (int i = 0; i < count; ++i)
        out[i * to.step] += in[i];
    }
  }
}

// Calls f(tap, where its first inner pixel lies in the image, reach along y, reach along x).
template <class F>
void for_each_tap(image_shape shape, window w, F f) {
  int tap = 0;
  for (int channel = 0; channel < shape.channels; ++channel) {
    for (int tap_y = 0; tap_y < w.side; ++tap_y) {
      const reach y = reach_of(w, tap_y, shape.height);
      for (int tap_x = 0; tap_x < w.side; ++tap_x, ++tap) {
        const reach x = reach_of(w, tap_x, shape.width);
        f(tap, (channel * shape.height + y.first_input) * shape.width + x.first_input, y, x);
      }
    }
  }
}

}  // namespace

void unfold(const float* image, image_shape shape, window w, float* columns, int column_stride) {
  const int width = w.outputs(shape.width);
  const int positions = w.positions(shape);
  for_each_tap(shape, w, [=](int tap, int pixel, reach y, reach x) {
    float* row = columns + std::ptrdiff_t{tap} * column_stride;
    if (y.count() * x.count() < positions) std::fill_n(row, positions, 0.0F);
    copy({image + pixel, shape.width * w.stride, w.stride},
         {row + y.begin * width + x.begin, width, 1}, y.count(), x.count());
  });
}

void fold(const float* columns, int column_stride, image_shape shape, window w, float* image) {
  const int width = w.outputs(shape.width);
  for_each_tap(shape, w, [=](int tap, int pixel, reach y, reach x) {
    const float* row = columns + std::ptrdiff_t{tap} * column_stride;
    add({row + y.begin * width + x.begin, width, 1},
        {image + pixel, shape.width * w.stride, w.stride}, y.count(), x.count());
  });
}

}  // namespace detent_trainer
