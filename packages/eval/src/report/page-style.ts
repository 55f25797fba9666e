/** The one style sheet of the page: light and dark, nothing from elsewhere. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --ink: #1b2330; --soft: #5b6677; --paper: #fff; --ground: #f3f4f7; --line: #dfe3e9; --accent: #2b5bd7; --accent-ink: #fff; --tint: #edf2ff; --good: #17713f; --bad: #b3261e; --warn: #8f5600; --star: #d99200; --empty: #d5dae2; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ef; --soft: #9ba6b6; --paper: #171b22; --ground: #0e1115; --line: #2b323d; --accent: #86abff; --accent-ink: #0e1115; --tint: #1d2738; --good: #6fd39b; --bad: #ff8f86; --warn: #f0b65f; --star: #f0b94a; --empty: #39414e; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.55 system-ui, -apple-system, "Segoe UI", "Liberation Sans", "DejaVu Sans", sans-serif; }
main { max-width: 1180px; margin: 0 auto; padding: 36px 20px 64px; }
h1 { font-size: 30px; line-height: 1.2; margin: 0 0 10px; letter-spacing: -0.015em; }
h2 { font-size: 21px; margin: 0 0 4px; letter-spacing: -0.01em; } h3 { font-size: 15.5px; margin: 26px 0 4px; } h4 { font-size: 14px; margin: 14px 0 2px; }
section { background: var(--paper); border: 1px solid var(--line); border-radius: 12px; padding: 22px 24px; margin: 18px 0; min-width: 0; }
a { color: var(--accent); text-underline-offset: 2px; }
.lead { font-size: 16.5px; max-width: 76ch; margin: 0 0 14px; } .soft { color: var(--soft); } .hint { color: var(--soft); max-width: 92ch; margin: 0 0 12px; font-size: 14px; }
.track { color: var(--accent); font-weight: 650; font-size: 12.5px; letter-spacing: 0.06em; text-transform: uppercase; margin: 0; }
.disclosure { border-left: 3px solid var(--warn); padding: 2px 0 2px 14px; max-width: 92ch; margin: 16px 0 0; font-size: 14px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(130px, 1fr)); gap: 10px; margin: 18px 0 4px; }
.tile { background: var(--paper); border: 1px solid var(--line); border-radius: 10px; padding: 9px 14px; } .tile b { display: block; font-size: 21px; font-variant-numeric: tabular-nums; } .tile span { color: var(--soft); font-size: 13px; }
.wide { overflow-x: auto; margin: 0 -24px; padding: 0 24px; } .two { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 22px; }
table { border-collapse: collapse; width: 100%; font-size: 13.5px; } th, td { text-align: left; padding: 8px 14px 8px 0; border-bottom: 1px solid var(--line); vertical-align: top; } thead th { color: var(--soft); font-weight: 600; font-size: 12.5px; vertical-align: bottom; }
tbody th { font-weight: 600; } th small, td small { display: block; color: var(--soft); font-weight: 400; font-size: 12px; white-space: nowrap; } small em { font-style: normal; color: var(--accent); } small em.stale { color: var(--warn); } small em.bad { color: var(--bad); }
td.num, th.num { text-align: right; font-variant-numeric: tabular-nums; } tbody td { white-space: nowrap; } tr.own > * { background: var(--tint); } .stick { position: sticky; left: 0; background: var(--paper); padding-left: 8px; z-index: 1; } tbody tr:last-child > * { border-bottom: 0; }
.place { font-weight: 650; font-size: 15px; } .value { font-weight: 650; font-variant-numeric: tabular-nums; }
.stars { font-size: 12px; letter-spacing: 0.5px; background: linear-gradient(90deg, var(--star) var(--fill), var(--empty) var(--fill)); -webkit-background-clip: text; background-clip: text; color: transparent; }
svg { width: 100%; height: auto; display: block; } svg text { fill: var(--ink); font-size: 12.5px; } svg .axis { fill: var(--soft); font-size: 11.5px; } svg .own { font-weight: 700; } svg .inverse { fill: var(--accent-ink); }
.slot { fill: var(--ground); stroke: var(--line); stroke-width: 0.6; } .share { fill: var(--accent); } .grid { stroke: var(--line); stroke-width: 1; } .whisker { stroke: var(--soft); stroke-width: 1.2; } .range { fill: var(--accent); opacity: 0.32; } .dot { fill: var(--accent); }
svg.bar { display: inline-block; width: 84px; height: 12px; vertical-align: -1px; }
details > summary { cursor: pointer; } summary:focus-visible, a:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
.heat { min-width: 760px; margin-bottom: 16px; } .heat-line { display: grid; grid-template-columns: minmax(230px, 1fr) repeat(var(--tools), 68px); gap: 4px; align-items: center; }
.heat-head { border-bottom: 1px solid var(--line); padding: 4px 0; } .heat-head .heat-text { font-weight: 650; padding-left: 18px; } .heat-tool { color: var(--soft); font-size: 11.5px; line-height: 1.2; text-align: center; align-self: end; }
.heat-row { border-bottom: 1px solid var(--line); } .heat-row > summary { list-style: none; padding: 3px 0; font-size: 13.5px; } .heat-row > summary::-webkit-details-marker { display: none; } .heat-row > summary .heat-text::before { content: "›"; display: inline-block; width: 18px; text-align: center; color: var(--soft); } .heat-row[open] > summary .heat-text::before { transform: rotate(90deg); } .heat-row > summary:hover { background: var(--ground); }
.cell { display: block; text-align: center; border-radius: 5px; padding: 1px 0; border: 1px solid var(--line); color: var(--soft); font-size: 13px; line-height: 1.5; } .cell.yes { background: var(--accent); border-color: var(--accent); color: var(--accent-ink); } .cell.partial { background: color-mix(in srgb, var(--accent) 30%, transparent); border-color: transparent; color: var(--ink); } .cell.not-applicable { border-style: dotted; }
.legend .cell, dt .cell { display: inline-block; width: 26px; } .legend .soft { margin-left: 12px; }
.evidence { margin: 4px 0 12px 18px; display: grid; grid-template-columns: 215px minmax(0, 1fr); gap: 5px 12px; font-size: 13px; } .evidence dt { font-weight: 600; } .evidence dd { margin: 0; overflow-wrap: anywhere; } .source { display: inline-block; margin-right: 10px; } .basis { border: 1px solid var(--line); border-radius: 999px; padding: 0 8px; font-size: 11.5px; color: var(--soft); white-space: nowrap; } .rated { font-size: 11.5px; }
code { font: 12px/1.5 ui-monospace, "SF Mono", "DejaVu Sans Mono", monospace; }
.good { color: var(--good); } .bad { color: var(--bad); } .warn { color: var(--warn); } td.good, td.bad { font-weight: 650; }
.absent, .pairs, .limits { margin: 6px 0; padding-left: 18px; font-size: 14px; } .absent li, .pairs li, .limits li { margin: 6px 0; max-width: 100ch; }
.scenario { border: 1px solid var(--line); border-radius: 9px; padding: 8px 14px; margin: 8px 0; } .scenario-title { font-weight: 600; } .chips { float: right; } .chip { font-size: 13px; color: var(--soft); margin-left: 14px; white-space: nowrap; } .chip > span { font-weight: 700; }
.truth { margin: 10px 0; } .answer { border-top: 1px solid var(--line); padding-bottom: 6px; } .answer ul { margin: 4px 0; padding-left: 18px; font-size: 13.5px; } .answer h4 .soft { font-weight: 400; font-size: 13px; } .said { display: block; color: var(--soft); overflow-wrap: anywhere; white-space: pre-line; font-size: 13px; }
footer { color: var(--soft); font-size: 13px; margin-top: 22px; overflow-wrap: anywhere; }
@media (max-width: 860px) { .two { grid-template-columns: minmax(0, 1fr); } }
@media (max-width: 560px) { main { padding: 22px 12px 40px; } section { padding: 16px 14px; } .wide { margin: 0 -14px; padding: 0 14px; } h1 { font-size: 25px; } .lead { font-size: 15.5px; } .chips { float: none; display: block; } .chip { margin: 0 12px 0 0; } .evidence { grid-template-columns: minmax(0, 1fr); max-width: calc(100vw - 70px); } .evidence dd { margin-bottom: 8px; } .heat { min-width: 660px; } .heat-line { grid-template-columns: 190px repeat(var(--tools), minmax(50px, 1fr)); } .stick { max-width: 138px; } .stick small { white-space: normal; } }
@media print { details { break-inside: avoid; } body { background: #fff; } }
`;
