// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// The look of the report: one style sheet for page and plots, in light and dark.

#include <string_view>

namespace detent_trainer {

/// Colours of the palette that curves are dealt in turn, `.c1`, `.c2` …; `.c0` is the text's.
inline constexpr int palette_colors = 8;

/// The style sheet. The first four colours of the curves are after Okabe and Ito's, the others were
/// chosen as far from those and from each other as could be found, for people with any kind of
/// colour vision; each has a contrast of 3 or more to the page, on the dark page in lighter shades.
inline constexpr std::string_view report_style = R"css(
:root { color-scheme: light dark; --page: #ffffff; --panel: #f6f7f9; --ink: #1c2126;
  --soft: #5b6570; --rule: #dfe3e8; --level: #d55e00; --ridge: #0072b2;
  --c0: var(--ink); --c1: #0072b2; --c2: #d55e00; --c3: #00795a;
  --c4: #a8528a; --c5: #9b0712; --c6: #4e33a7; --c7: #7783fd; --c8: #8a1af1; }
@media (prefers-color-scheme: dark) {
  :root { --page: #14181c; --panel: #1c2228; --ink: #e6eaee; --soft: #9aa5b1; --rule: #323a43;
    --level: #f0924a; --ridge: #56b4e9; --c1: #56b4e9; --c2: #f0924a; --c3: #35c397; --c4: #d99ac2;
    --c5: #d0403a; --c6: #c00cb2; --c7: #6a6cf0; --c8: #dce01a; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 76rem; background: var(--page);
  color: var(--ink); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 .5rem; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 2.25rem 0 .5rem; overflow-wrap: anywhere; }
p { max-width: 46rem; }
p.about, small { color: var(--soft); }
small { font-size: .8rem; }
code { font: .85rem/1.5 ui-monospace, "DejaVu Sans Mono", monospace; background: var(--panel);
  display: block; padding: .5rem .75rem; border-radius: 6px; overflow-x: auto;
  white-space: pre-wrap; overflow-wrap: anywhere; }
.notice { border-left: 4px solid var(--level); padding-left: .75rem; }
.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(7rem, 1fr)); gap: .75rem;
  margin: 1rem 0; padding: 0; }
.tiles div { background: var(--panel); border-radius: 8px; padding: .6rem .8rem; }
.tiles dt { color: var(--soft); font-size: .8rem; }
.tiles dd { margin: 0; font-size: 1.25rem; white-space: nowrap; font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .3rem .9rem .3rem 0; border-bottom: 1px solid var(--rule);
  white-space: nowrap; }
th { color: var(--soft); font-weight: 600; }
.figure { text-align: right; }
tr.reference td { color: var(--soft); }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr));
  gap: 1.25rem 1.75rem; align-items: end; }
.ridges { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 16rem), 1fr));
  gap: 1.25rem; }
figure { margin: 0; min-width: 0; }
.charts figure { max-width: 36rem; }
figure.wide { max-width: 46rem; margin-top: 1.5rem; }
figure p.about { margin: .25rem 0; font-size: .85rem; }
.ridges figure { max-width: 24rem; }
figcaption { line-height: 1.3; overflow-wrap: anywhere; }
figcaption b { font-weight: 600; }
.legend { margin: .1rem 0 .25rem; font-size: .85rem; color: var(--soft); }
.legend span { white-space: nowrap; margin-right: .9rem; }
.key { display: inline-block; width: .8rem; height: .8rem; border-radius: 50%; margin-right: .35rem;
  vertical-align: -.08rem; }
.key.dashed { height: 0; border: 0 solid; border-top: 2px dashed; border-radius: 0; width: 1.4rem;
  vertical-align: .25rem; background: none; }
.b0 { background: var(--c0); } .b1 { background: var(--c1); } .b2 { background: var(--c2); }
.b3 { background: var(--c3); } .b4 { background: var(--c4); } .b5 { background: var(--c5); }
.b6 { background: var(--c6); } .b7 { background: var(--c7); } .b8 { background: var(--c8); }
details { border-top: 1px solid var(--rule); padding: .5rem 0; }
summary { cursor: pointer; font-weight: 600; overflow-wrap: anywhere; }
details h2 { font-size: 1rem; margin: 1.25rem 0 .25rem; }
summary small { font-weight: 400; }
svg { display: block; width: 100%; height: auto; overflow: visible; }
svg text { font: 12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; fill: var(--ink); }
svg .tick, svg .name { fill: var(--soft); font-variant-numeric: tabular-nums; }
svg .tick { font-size: 11px; }
svg .note { fill: var(--soft); font-size: 11px; paint-order: stroke; stroke: var(--page);
  stroke-width: 3px; }
.axis { stroke: var(--soft); stroke-width: 1; }
.grid { stroke: var(--rule); stroke-width: 1; }
.reference { stroke: var(--soft); stroke-width: 1.5; stroke-dasharray: 5 4; }
.band { fill: var(--soft); opacity: .15; }
.curve { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
.whisker { stroke-width: 2; } .value { stroke-width: 1; opacity: .55; }
.c0 { stroke: var(--c0); } .c1 { stroke: var(--c1); } .c2 { stroke: var(--c2); }
.c3 { stroke: var(--c3); } .c4 { stroke: var(--c4); } .c5 { stroke: var(--c5); }
.c6 { stroke: var(--c6); } .c7 { stroke: var(--c7); } .c8 { stroke: var(--c8); }
.f0 { fill: var(--c0); } .f1 { fill: var(--c1); } .f2 { fill: var(--c2); }
.f3 { fill: var(--c3); } .f4 { fill: var(--c4); } .f5 { fill: var(--c5); }
.f6 { fill: var(--c6); } .f7 { fill: var(--c7); } .f8 { fill: var(--c8); }
.dashed { stroke-dasharray: 7 4; }
.heat { fill: none; stroke: var(--ridge); stroke-opacity: .3; shape-rendering: crispEdges; }
.mark { stroke: var(--page); stroke-width: 1.5; }
.level { stroke: var(--level); stroke-width: 1; opacity: .6; fill: none; }
.ridge { fill: var(--ridge); fill-opacity: .75; stroke: none; }
@media print { details { break-inside: avoid; } }
)css";

}  // namespace detent_trainer
