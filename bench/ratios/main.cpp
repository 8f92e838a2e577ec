// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

// bench_ratios: every ratio that docs/performance.md shows, as JSON on standard output.
// usage: bench_ratios [--largest POWER] [--rounds N] [--group NAME]

#include <bench/ratios/options.hpp>
#include <bench/support/optimized.hpp>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>

namespace {

struct group {
  char const* name;
  void (*run)(bench::options const&);
};
constexpr group groups[] = {{"sizes", bench::compare_sizes}, {"methods", bench::compare_methods},
                            {"verbs", bench::compare_verbs}, {"learned", bench::compare_learned},
                            {"loops", bench::compare_loops}, {"layers", bench::compare_layers}};

bool parse(std::string_view text, int least, int most, int& number) {
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && number >= least &&
         number <= most;
}

bool is_group(std::string_view name) {
  for (group const& g : groups)
    if (name == g.name) return true;
  return false;
}

bool parse(int argc, char** argv, bench::options& o) {
  for (int i = 1; i + 1 < argc; i += 2) {
    std::string_view const name = argv[i], value = argv[i + 1];
    bool good = false;
    if (name == "--largest") good = parse(value, 10, 30, o.largest);
    if (name == "--rounds") good = parse(value, 1, 100000, o.rounds);
    if (name == "--group") good = is_group(o.group = value);
    if (!good) return false;
  }
  return argc % 2 == 1;
}

}  // namespace

int main(int argc, char** argv) {
  bench::options o;
  if (!parse(argc, argv, o)) {
    std::fputs(
        "usage: bench_ratios [--largest 10..30] [--rounds N] "
        "[--group sizes|methods|verbs|learned|loops|layers]\n",
        stderr);
    return 2;
  }
  if (bench::refuses_debug()) return 2;
#if defined(__clang__)
  std::printf("{\"compiler\": \"clang %d.%d\", ", __clang_major__, __clang_minor__);
#elif defined(__GNUC__)
  std::printf("{\"compiler\": \"g++ %d.%d\", ", __GNUC__, __GNUC_MINOR__);
#else
  std::printf("{\"compiler\": \"unknown\", ");
#endif
  std::printf("\"rows\": [");
  for (group const& g : groups)
    if (o.wants(g.name)) g.run(o);
  std::printf("\n]}\n");
  return 0;
}
