// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// The look of the report: one style sheet for page and plots, in light and dark.

#include <string_view>

namespace detent_trainer {

/// The style sheet. The four colours of the curves are Okabe and Ito's, which people with any
/// kind of colour vision tell apart; the dark page takes their lighter shades.
inline constexpr std::string_view report_style = R"css(
:root { color-scheme: light dark; --page: #ffffff; --panel: #f6f7f9; --ink: #1c2126;
  --soft: #5b6570; --rule: #dfe3e8; --level: #d55e00; --ridge: #0072b2;
  --c1: #0072b2; --c2: #d55e00; --c3: #00795a; --c4: #a8528a; }
@media (prefers-color-scheme: dark) {
  :root { --page: #14181c; --panel: #1c2228; --ink: #e6eaee; --soft: #9aa5b1; --rule: #323a43;
    --level: #f0924a; --ridge: #56b4e9; --c1: #56b4e9; --c2: #f0924a; --c3: #35c397; --c4: #d99ac2; }
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
.ridges figure { max-width: 24rem; }
figcaption { line-height: 1.3; overflow-wrap: anywhere; }
figcaption b { font-weight: 600; }
.legend { margin: .1rem 0 .25rem; font-size: .85rem; color: var(--soft); }
.legend span { white-space: nowrap; margin-right: .9rem; }
.key { display: inline-block; width: .8rem; height: .8rem; border-radius: 50%; margin-right: .35rem;
  vertical-align: -.08rem; }
.b1 { background: var(--c1); } .b2 { background: var(--c2); }
.b3 { background: var(--c3); } .b4 { background: var(--c4); }
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
.c1 { stroke: var(--c1); } .c2 { stroke: var(--c2); }
.c3 { stroke: var(--c3); } .c4 { stroke: var(--c4); }
.f1 { fill: var(--c1); } .f2 { fill: var(--c2); } .f3 { fill: var(--c3); } .f4 { fill: var(--c4); }
.mark { stroke: var(--page); stroke-width: 1.5; }
.level { stroke: var(--level); stroke-width: 1; opacity: .6; fill: none; }
.ridge { fill: var(--ridge); fill-opacity: .75; stroke: none; }
@media print { details { break-inside: avoid; } }
)css";

}  // namespace detent_trainer
