import { STYLE } from '../style.ts';

/** The style of served pages: that of the incident file, and what only a page that moves needs. */
export const SERVED_STYLE = `${STYLE}
a { color: var(--accent); } a:focus-visible, button:focus-visible, input:focus-visible, textarea:focus-visible, summary:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.skip { position: absolute; left: -999px; } .skip:focus { left: 8px; top: 8px; background: var(--paper); padding: 6px 10px; z-index: 2; }
.bar { display: flex; flex-wrap: wrap; gap: 4px 18px; align-items: baseline; padding: 12px 20px; background: var(--paper); border-bottom: 1px solid var(--line); }
.bar strong { font-size: 17px; letter-spacing: -0.02em; } .bar a { text-decoration: none; padding: 2px 0; } .bar a[aria-current] { color: var(--ink); font-weight: 600; border-bottom: 2px solid var(--accent); } .grow { flex: 1; } .bar .soft { margin: 0; }
.banner { display: flex; flex-wrap: wrap; gap: 8px 16px; align-items: center; padding: 10px 20px; border-bottom: 2px solid var(--warn); background: var(--paper); } .banner p { margin: 0; flex: 1; min-width: 200px; }
.card { display: block; background: var(--paper); border: 1px solid var(--line); border-left: 5px solid var(--soft); border-radius: 10px; padding: 14px 18px; margin: 10px 0; color: inherit; text-decoration: none; } a.card:hover { border-color: var(--accent); }
.card.fault { border-left-color: var(--bad); } .card.degraded { border-left-color: var(--warn); } .card h3 { font-size: 16px; margin: 0 0 4px; } .card p { margin: 4px 0; } .card .meta { color: var(--soft); font-size: 13px; display: flex; flex-wrap: wrap; gap: 2px 14px; }
.card .asks { color: var(--accent); font-weight: 600; }
.quiet { text-align: center; padding: 34px 20px; } .quiet b { font-size: 18px; }
form.inline { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; margin: 8px 0; } label { font-size: 13px; color: var(--soft); }
input[type=text], input[type=search], input[type=password], textarea, select { font: inherit; color: var(--ink); background: var(--ground); border: 1px solid var(--line); border-radius: 7px; padding: 7px 10px; min-width: 0; } textarea { width: 100%; min-height: 68px; } input[type=search], input[type=text] { flex: 1 1 240px; } input[type=range] { flex: 1 1 200px; accent-color: var(--accent); }
button { font: inherit; font-weight: 600; border-radius: 7px; border: 1px solid var(--line); padding: 8px 16px; background: var(--paper); color: var(--ink); cursor: pointer; } button.good { background: var(--good); border-color: var(--good); color: var(--paper); } button.bad { color: var(--bad); border-color: var(--bad); }
button.link { border: 0; padding: 0; background: none; color: var(--accent); font-weight: 400; } .bar form { display: flex; gap: 10px; }
.buttons { display: flex; flex-wrap: wrap; gap: 10px; margin-top: 10px; } .stale::after { content: "Something is new: reload when you are done writing."; display: block; color: var(--warn); font-size: 13px; padding-top: 8px; }
.cols { display: grid; grid-template-columns: repeat(auto-fit, minmax(260px, 1fr)); gap: 14px; } .cols section { margin: 0; }
@media (max-width: 560px) { main { padding: 18px 12px 40px; } h1 { font-size: 21px; } .timeline li { grid-template-columns: 66px 1fr; } .timeline li > :last-child { grid-column: 1 / -1; } section { padding: 14px; } }
@media (prefers-reduced-motion: no-preference) { .card { transition: border-color 120ms; } }
`;
