// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// The strokes of the digits, and the brush that draws them.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <trainer/data/dataset.hpp>
#include <trainer/data/glyphs.hpp>
#include <trainer/data/random.hpp>

namespace detent_trainer {

namespace {

constexpr int side = 28;
constexpr float half_height = 9.0F;   // pixels, of an undistorted digit
constexpr float stroke_width = 2.2F;  // pixels

struct point {
  float x = 0;
  float y = 0;
  bool operator==(const point&) const = default;
};

enum class line { straight, smooth };

struct stroke {
  line kind = line::straight;
  std::vector<point> points;
};

using glyph = std::vector<stroke>;

/// The ways to write each digit, x to the right and y down, -1 to 1 from top to bottom.
const std::array<std::vector<glyph>, 10>& digits() {
  using enum line;
  static const std::array<std::vector<glyph>, 10> table{{
      {{{smooth,
         {{0, -1},
          {-.48F, -.68F},
          {-.62F, 0},
          {-.48F, .68F},
          {0, 1},
          {.48F, .68F},
          {.62F, 0},
          {.48F, -.68F},
          {0, -1}}}}},
      {{{straight, {{-.35F, -.6F}, {.05F, -1}, {.05F, 1}}}},
       {{straight, {{-.3F, -.65F}, {.05F, -1}, {.05F, 1}}}, {straight, {{-.35F, 1}, {.45F, 1}}}},
       {{straight, {{0, -1}, {0, 1}}}}},
      {{{smooth,
         {{-.55F, -.55F},
          {-.35F, -.9F},
          {.05F, -1},
          {.45F, -.8F},
          {.5F, -.4F},
          {.1F, .2F},
          {-.58F, 1}}},
        {straight, {{-.58F, 1}, {.6F, 1}}}},
       {{smooth,
         {{-.5F, -.65F},
          {0, -1},
          {.48F, -.6F},
          {.1F, .2F},
          {-.45F, .85F},
          {-.5F, .6F},
          {-.1F, .75F},
          {.6F, .95F}}}}},
      {{{smooth, {{-.5F, -.75F}, {-.1F, -1}, {.4F, -.8F}, {.38F, -.3F}, {-.12F, -.06F}}},
        {smooth, {{-.12F, -.06F}, {.4F, .1F}, {.55F, .5F}, {.3F, .9F}, {-.15F, 1}, {-.58F, .75F}}}},
       {{straight, {{-.5F, -1}, {.48F, -1}, {-.05F, -.2F}}},
        {smooth, {{-.05F, -.2F}, {.45F, .1F}, {.52F, .6F}, {.05F, 1}, {-.55F, .8F}}}}},
      {{{straight, {{.28F, 1}, {.28F, -1}, {-.62F, .38F}, {.62F, .38F}}}},
       {{straight, {{-.4F, -1}, {-.55F, .1F}, {.6F, .1F}}},
        {straight, {{.35F, -.75F}, {.28F, 1}}}}},
      {{{straight, {{.52F, -1}, {-.4F, -1}, {-.47F, -.12F}}},
        {smooth,
         {{-.47F, -.12F},
          {0, -.32F},
          {.45F, -.1F},
          {.56F, .4F},
          {.3F, .85F},
          {-.1F, 1},
          {-.56F, .78F}}}}},
      {{{smooth,
         {{.42F, -.95F},
          {-.1F, -.75F},
          {-.48F, -.2F},
          {-.56F, .4F},
          {-.35F, .88F},
          {0, 1},
          {.42F, .8F},
          {.52F, .4F},
          {.3F, .02F},
          {-.1F, -.02F},
          {-.5F, .3F}}}},
       {{smooth,
         {{.1F, -1},
          {-.35F, -.3F},
          {-.5F, .45F},
          {-.1F, 1},
          {.42F, .75F},
          {.35F, .25F},
          {-.05F, .15F},
          {-.45F, .55F}}}}},
      {{{straight, {{-.56F, -1}, {.56F, -1}, {-.12F, 1}}}},
       {{straight, {{-.56F, -1}, {.56F, -1}, {-.12F, 1}}}, {straight, {{-.3F, 0}, {.5F, 0}}}},
       {{straight, {{-.5F, -.7F}, {-.5F, -1}, {.56F, -1}}},
        {smooth, {{.56F, -1}, {.15F, -.2F}, {-.05F, .4F}, {-.1F, 1}}}}},
      {{{smooth,
         {{0, -.08F},
          {-.38F, -.3F},
          {-.4F, -.75F},
          {0, -1},
          {.4F, -.75F},
          {.38F, -.3F},
          {0, -.08F},
          {-.46F, .2F},
          {-.5F, .75F},
          {0, 1},
          {.5F, .75F},
          {.46F, .2F},
          {0, -.08F}}}},
       {{smooth,
         {{.42F, -.7F},
          {0, -1},
          {-.42F, -.7F},
          {-.25F, -.25F},
          {.25F, .15F},
          {.48F, .6F},
          {0, 1},
          {-.48F, .6F},
          {-.25F, .15F},
          {.25F, -.25F},
          {.42F, -.7F}}}}},
      {{{smooth,
         {{.48F, -.55F},
          {.25F, -.12F},
          {-.2F, -.08F},
          {-.5F, -.45F},
          {-.35F, -.88F},
          {.05F, -1},
          {.4F, -.85F},
          {.48F, -.55F}}},
        {straight, {{.48F, -.55F}, {.35F, 1}}}},
       {{smooth,
         {{.48F, -.55F},
          {.25F, -.12F},
          {-.2F, -.08F},
          {-.5F, -.45F},
          {-.35F, -.88F},
          {.05F, -1},
          {.4F, -.85F},
          {.48F, -.55F}}},
        {smooth, {{.48F, -.55F}, {.52F, .2F}, {.3F, .85F}, {-.1F, 1}, {-.45F, .8F}}}}},
  }};
  return table;
}

/// Writes the point at `t` of the Catmull-Rom curve from b to c, with neighbours a and d.
point on_curve(point a, point b, point c, point d, float t) {
  const auto blend = [t](float p, float q, float r, float s) {
    return q + 0.5F * t * (r - p + t * (2 * p - 5 * q + 4 * r - s + t * (3 * (q - r) + s - p)));
  };
  return {blend(a.x, b.x, c.x, d.x), blend(a.y, b.y, c.y, d.y)};
}

/// Replaces a smooth stroke by short straight pieces.
std::vector<point> to_polyline(const stroke& from) {
  if (from.kind == line::straight) return from.points;
  constexpr int pieces = 4;
  const std::vector<point>& p = from.points;
  const std::size_t last = p.size() - 1;
  const bool closed = p.front() == p.back();
  std::vector<point> result{p.front()};
  for (std::size_t i = 0; i < last; ++i) {
    const point before = i > 0 ? p[i - 1] : closed ? p[last - 1] : p[0];
    const point after = i + 1 < last ? p[i + 2] : closed ? p[1] : p[last];
    for (int k = 1; k <= pieces; ++k) {
      result.push_back(on_curve(before, p[i], p[i + 1], after,
                                static_cast<float>(k) / static_cast<float>(pieces)));
    }
  }
  return result;
}

/// One plane of ink, 0 to 1.
struct canvas {
  std::array<float, side * side> ink{};

  /// Draws a round brush of `width` pixels along a line; overlaps do not add up.
  void draw(point from, point to, float width) {
    const float reach = 0.5F * width + 0.5F;
    const float dx = to.x - from.x;
    const float dy = to.y - from.y;
    const float per_length = 1 / std::max(dx * dx + dy * dy, 1e-6F);
    const auto first = [reach](float a, float b) {
      return std::clamp(static_cast<int>(std::ceil(std::min(a, b) - reach)), 0, side);
    };
    const auto past = [reach](float a, float b) {
      return std::clamp(static_cast<int>(std::floor(std::max(a, b) + reach)) + 1, 0, side);
    };
    const int right = past(from.x, to.x);
    const int bottom = past(from.y, to.y);
    for (int y = first(from.y, to.y); y < bottom; ++y) {
      for (int x = first(from.x, to.x); x < right; ++x) {
        const float px = static_cast<float>(x) - from.x;
        const float py = static_cast<float>(y) - from.y;
        const float along = std::clamp((px * dx + py * dy) * per_length, 0.0F, 1.0F);
        const float ox = px - along * dx;
        const float oy = py - along * dy;
        const float square = ox * ox + oy * oy;
        if (square >= reach * reach) continue;
        float& pixel = ink[static_cast<std::size_t>(y) * side + static_cast<std::size_t>(x)];
        pixel = std::max(pixel, std::min(1.0F, reach - std::sqrt(square)));
      }
    }
  }

  void draw(std::span<const point> polyline, float width) {
    for (std::size_t i = 0; i + 1 < polyline.size(); ++i) {
      draw(polyline[i], polyline[i + 1], width);
    }
  }
};

/// A linear map and a shift, from digit coordinates to pixels.
struct affine {
  float xx, xy, yx, yy, x, y;
  point operator()(point p) const { return {xx * p.x + xy * p.y + x, yx * p.x + yy * p.y + y}; }
};

affine random_affine(counter_random& random, const glyph_difficulty& knobs) {
  const auto either = [&random](float bound) { return random.between(-bound, bound); };
  const float angle = either(knobs.rotation);
  const float slant = either(knobs.shear);
  const float wide = half_height * (1 + either(knobs.scale));
  const float high = half_height * (1 + either(knobs.scale));
  const float c = std::cos(angle);
  const float s = std::sin(angle);
  constexpr float centre = 0.5F * static_cast<float>(side - 1);
  // Scale first, then slant, then turn.
  return {c * wide,
          (-s - c * slant) * high,
          s * wide,
          (c - s * slant) * high,
          centre + either(knobs.shift),
          centre + either(knobs.shift)};
}

/// Moves every control point; points that coincide move together, so that strokes stay joined.
glyph jittered(glyph from, float bound, counter_random& random) {
  std::vector<std::array<point, 2>> moved;
  for (stroke& part : from) {
    for (point& p : part.points) {
      const auto known =
          std::find_if(moved.begin(), moved.end(), [&p](const auto& m) { return m[0] == p; });
      if (known != moved.end()) {
        p = (*known)[1];
        continue;
      }
      const point original = p;
      p.x += random.between(-bound, bound);
      p.y += random.between(-bound, bound);
      moved.push_back({original, p});
    }
  }
  return from;
}

void draw_digit(canvas& page, std::uint8_t label, counter_random& random,
                const glyph_difficulty& knobs) {
  const std::vector<glyph>& styles = digits()[label];
  const glyph& style = styles[random.below(static_cast<std::uint32_t>(styles.size()))];
  const glyph digit = jittered(style, knobs.jitter, random);
  const float width = stroke_width * (1 + random.between(-knobs.width, knobs.width));
  const affine place = random_affine(random, knobs);
  for (const stroke& part : digit) {
    std::vector<point> polyline = to_polyline(part);
    std::transform(polyline.begin(), polyline.end(), polyline.begin(), place);
    page.draw(polyline, width);
  }
}

point random_point(counter_random& random) {
  constexpr auto edge = static_cast<float>(side - 1);
  const float x = random.between(0, edge);
  return {x, random.between(0, edge)};
}

/// Draws up to `most` bent strokes that belong to no digit.
void draw_clutter(canvas& page, int most, counter_random& random) {
  const auto count = static_cast<int>(random.below(static_cast<std::uint32_t>(most) + 1));
  for (int i = 0; i < count; ++i) {
    const point start = random_point(random);
    const float angle = random.between(0, 6.2831853F);
    const float bend = random.between(-1.2F, 1.2F);
    const float length = random.between(3, 7);
    const point middle{start.x + length * std::cos(angle), start.y + length * std::sin(angle)};
    const point end{middle.x + length * std::cos(angle + bend),
                    middle.y + length * std::sin(angle + bend)};
    page.draw(to_polyline({line::smooth, {start, middle, end}}), random.between(1.0F, 2.2F));
  }
}

/// Wipes a band off the digit, through a point near its middle.
void occlude(canvas& digit, counter_random& random) {
  constexpr float centre = 0.5F * static_cast<float>(side - 1);
  const point middle{centre + random.between(-7, 7), centre + random.between(-7, 7)};
  const float angle = random.between(0, 6.2831853F);
  const float reach = random.between(2, 9);
  const float x = reach * std::cos(angle);
  const float y = reach * std::sin(angle);
  canvas band;
  band.draw({middle.x - x, middle.y - y}, {middle.x + x, middle.y + y}, random.between(2, 4.5F));
  for (std::size_t p = 0; p < band.ink.size(); ++p)
    digit.ink[p] *= 1 - band.ink[p];
}

/// Renders one image of `label` into side · side pixels of 0 to 1.
void render(std::uint8_t label, counter_random random, const glyph_difficulty& knobs,
            float* pixels) {
  canvas digit;
  draw_digit(digit, label, random, knobs);
  if (random.unit() < knobs.occlusion) occlude(digit, random);
  canvas clutter;
  draw_clutter(clutter, knobs.clutter, random);
  const float ink = 1 - random.between(0, knobs.contrast);
  const float distraction = ink * random.between(0.4F, 0.9F);
  const float paper = random.between(0, knobs.background);
  const float noise = random.between(0, knobs.noise);
  for (std::size_t p = 0; p < digit.ink.size(); ++p) {
    const float drawn = std::max(ink * digit.ink[p], distraction * clutter.ink[p]);
    const float value = paper + (1 - paper) * drawn + noise * random.bell();
    pixels[p] = std::clamp(value, 0.0F, 1.0F);
  }
}

}  // namespace

image_set make_glyphs(std::size_t count, std::uint64_t seed, std::uint64_t stream,
                      const glyph_difficulty& difficulty) {
  image_set set;
  set.shape = {1, side, side};
  set.labels.resize(count);
  set.pixels.resize(count * set.pixels_per_image());
  for (std::size_t i = 0; i < count; ++i) {
    set.labels[i] = static_cast<std::uint8_t>(i % 10);
    render(set.labels[i], counter_random{seed, stream, i}, difficulty,
           set.pixels.data() + i * set.pixels_per_image());
  }
  return set;
}

}  // namespace detent_trainer
