import { chartFont } from '../charts/chart-look.ts';

/** The look of the page: one column, one accent, figures in line. No font is loaded. */
export const pageStyle = `
:root { color-scheme: light; --ink: #1d2333; --quiet: #667085; --line: #e6e8ee; --plan: #3445c9; }
* { box-sizing: border-box; }
body { margin: 0; background: #f7f8fb; color: var(--ink); font: 16px/1.55 ${chartFont}; font-variant-numeric: tabular-nums; -webkit-font-smoothing: antialiased; }
main { max-width: 1060px; margin: 0 auto; padding: 30px 28px 96px; }
.kicker { color: var(--quiet); font-size: 14px; margin: 0 0 10px; }
h1 { font-size: 42px; line-height: 1.12; letter-spacing: -0.022em; margin: 0 0 12px; font-weight: 700; }
h1 b { color: var(--plan); font-weight: 700; }
.lead { font-size: 18px; line-height: 1.5; color: #3d465c; max-width: 780px; margin: 0 0 20px; }
h2 { font-size: 24px; letter-spacing: -0.012em; line-height: 1.25; margin: 0 0 8px; }
h3 { font-size: 16px; margin: 28px 0 8px; }
p { margin: 0 0 14px; max-width: 760px; }
section { background: #fff; border: 1px solid var(--line); border-radius: 14px; padding: 24px 30px; margin: 20px 0 0; }
.cards { display: grid; grid-template-columns: repeat(4, 1fr); gap: 14px; margin: 0 0 4px; }
.card { background: #fff; border: 1px solid var(--line); border-radius: 14px; padding: 16px 18px; }
.card strong { display: block; font-size: 25px; letter-spacing: -0.015em; line-height: 1.25; }
.card span { color: var(--quiet); font-size: 13.5px; line-height: 1.4; display: block; }
.chart { margin: 14px 0 2px; overflow-x: auto; }
.chart svg { display: block; max-width: 100%; height: auto; }
.scroll { overflow-x: auto; margin: 10px 0 4px; }
table { border-collapse: collapse; width: 100%; font-size: 14.5px; line-height: 1.4; }
th { text-align: left; font-weight: 600; color: var(--quiet); font-size: 13px; padding: 6px 12px 8px 0; border-bottom: 1px solid #d5d9e2; vertical-align: bottom; }
td { padding: 7px 12px 7px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
tr:last-child td { border-bottom: 0; }
.n { text-align: right; white-space: nowrap; }
th.n { white-space: normal; }
td:last-child, th:last-child { padding-right: 0; }
tr.marked td:last-child { padding-right: 8px; }
tr.marked td { background: #f1f3ff; font-weight: 600; }
tr.marked td:first-child { box-shadow: inset 3px 0 var(--plan); padding-left: 12px; }
.quiet { color: var(--quiet); font-size: 14px; font-weight: 400; }
.warning { background: #fff7e8; border: 1px solid #f3d9a4; border-radius: 10px; padding: 12px 16px; font-size: 14.5px; margin: 18px 0 0; max-width: none; }
details { margin-top: 14px; }
summary { cursor: pointer; color: var(--plan); font-weight: 600; font-size: 15px; }
.small td { font-size: 13px; }
@media (max-width: 760px) { .chart svg { min-width: 640px; } h1 { font-size: 32px; } .cards { grid-template-columns: 1fr 1fr; } section { padding: 22px 18px; } }
@media print { body { background: #fff; } section { break-inside: avoid; } }
`;
