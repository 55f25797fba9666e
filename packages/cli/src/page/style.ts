/** The one style sheet of the pages; light and dark, no fonts or images from elsewhere. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1c2330; --soft: #5d6878; --paper: #ffffff; --ground: #f4f5f7; --line: #dde1e7; --accent: #2457d6; --good: #197a46; --bad: #b3261e; --warn: #9a5b00; --band: #2457d6; --after: #197a46; }
@media (prefers-color-scheme: dark) { :root { --ink: #e7eaf0; --soft: #9aa5b5; --paper: #171b22; --ground: #0f1216; --line: #2a313c; --accent: #8ab0ff; --good: #6fd39b; --bad: #ff8a80; --warn: #f0b35a; --band: #8ab0ff; --after: #6fd39b; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", "Liberation Sans", sans-serif; }
main { max-width: 1120px; margin: 0 auto; padding: 28px 20px 60px; }
header { margin-bottom: 20px; }
h1 { font-size: 26px; line-height: 1.25; margin: 6px 0; letter-spacing: -0.01em; overflow-wrap: anywhere; }
h2 { font-size: 17px; margin: 0 0 4px; }
h3 { font-size: 14px; margin: 14px 0 4px; }
section { background: var(--paper); border: 1px solid var(--line); border-radius: 10px; padding: 18px 20px; margin: 14px 0; min-width: 0; }
.hint, .soft { color: var(--soft); margin: 0 0 10px; font-size: 13.5px; }
.pill { display: inline-block; border-radius: 999px; padding: 2px 12px; font-size: 13px; font-weight: 600; border: 1px solid currentColor; }
.resolved, .healthy, .pass { color: var(--good); } .rolled-back, .handed-over { color: var(--warn); } .failed, .fail { color: var(--bad); }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(120px, 1fr)); gap: 10px; margin: 16px 0; }
.tile { background: var(--paper); border: 1px solid var(--line); border-radius: 10px; padding: 10px 14px; }
.tile b { display: block; font-size: 20px; font-variant-numeric: tabular-nums; } .tile span { color: var(--soft); font-size: 13px; }
.two { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 14px; } .two section { margin: 0; }
@media (max-width: 820px) { .two { grid-template-columns: minmax(0, 1fr); } }
.wide { overflow-x: auto; } svg { width: 100%; height: auto; display: block; } svg.slim { display: none; } @media (max-width: 560px) { svg.slim { display: block; } svg.broad { display: none; } .wide > svg { min-width: 640px; } main { padding: 16px 10px 40px; } h1 { font-size: 21px; } .tiles { grid-template-columns: repeat(3, minmax(0, 1fr)); } section { padding: 14px 12px; } .timeline li { grid-template-columns: 66px 1fr; } .timeline li > :nth-child(n+3) { grid-column: 1 / -1; } } svg.picture { width: auto; min-width: 0; max-width: 100%; } @media (max-width: 820px) { svg.picture { max-width: none; } }
svg text { fill: var(--ink); font-size: 12px; } svg .axis, svg .kind { fill: var(--soft); font-size: 11px; }
.grid { stroke: var(--line); stroke-width: 1; } svg .limit { stroke: var(--bad); stroke-width: 1.6; stroke-dasharray: 6 4; } svg .faded { opacity: 0.35; } svg .limitLabel { fill: var(--bad); font-weight: 600; paint-order: stroke; stroke: var(--paper); stroke-width: 4px; }
svg .band { fill: var(--band); stroke: var(--band); stroke-width: 5; stroke-linejoin: round; opacity: 0.2; } svg .band1, svg .band2 { fill: var(--after); stroke: var(--after); } .forecast { fill: none; stroke: var(--soft); stroke-dasharray: 3 3; }
svg .dot0 { fill: var(--band); } svg .dot1 { fill: var(--after); } .mark { stroke: var(--soft); stroke-width: 1; opacity: 0.5; } svg .markLabel { fill: var(--soft); font-size: 11px; }
.legend { color: var(--soft); font-size: 13px; margin: 6px 0 0; } .entry { white-space: nowrap; } .key { display: inline-block; width: 10px; height: 10px; border-radius: 50%; margin: 0 5px 0 12px; }
.key.dot0 { background: var(--band); } .key.dot1 { background: var(--after); } .key.band { background: var(--band); opacity: 0.25; border-radius: 2px; } .key.limit { background: var(--bad); height: 3px; border-radius: 0; vertical-align: middle; }
.edge { fill: none; stroke: var(--soft); stroke-width: 1.3; opacity: 0.7; } .node rect { fill: var(--paper); stroke: var(--line); stroke-width: 1.3; } .node.cause rect { stroke: var(--bad); stroke-width: 2; }
table { border-collapse: collapse; width: 100%; font-size: 13.5px; } th, td { text-align: left; padding: 5px 10px 5px 0; border-bottom: 1px solid var(--line); vertical-align: top; } th { color: var(--soft); font-weight: 600; }
td.num, th.num { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
code, pre, .mono { font: 12.5px/1.5 ui-monospace, "SF Mono", "DejaVu Sans Mono", monospace; }
pre { margin: 8px 0 0; padding: 10px 12px; background: var(--ground); border-radius: 8px; overflow-x: auto; white-space: pre; }
pre .add { color: var(--good); } pre .del { color: var(--bad); } pre .at { color: var(--soft); }
.timeline { list-style: none; margin: 0; padding: 0; } .timeline li { display: grid; grid-template-columns: 74px 116px 1fr; gap: 10px; padding: 5px 0; border-bottom: 1px solid var(--line); } .timeline li:last-child { border: 0; }
.timeline time { color: var(--soft); font-variant-numeric: tabular-nums; } .timeline b { font-weight: 600; }
ul.plain { margin: 4px 0; padding-left: 18px; } .break { overflow-wrap: anywhere; }
.evidence figure { margin: 8px 0; padding: 0 0 0 12px; border-left: 3px solid var(--line); } .evidence figure.for { border-color: var(--good); } .evidence figure.against { border-color: var(--bad); }
.evidence figcaption { font-size: 13px; } .evidence pre { margin-top: 3px; white-space: pre-wrap; overflow-wrap: anywhere; }
details > summary { cursor: pointer; } dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 14px; margin: 8px 0 0; } dt { color: var(--soft); } dd { margin: 0; min-width: 0; }
section.ask { border-color: var(--accent); border-width: 2px; }
footer { color: var(--soft); font-size: 13px; margin-top: 22px; }
`;
