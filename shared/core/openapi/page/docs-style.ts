/** The look of the page: a list of routes beside them, one accent, no font loaded. */
export const docsStyle = `
:root { color-scheme: light dark; --paper: light-dark(#f7f8fb, #12151d); --card: light-dark(#fff, #1a1e29); --ink: light-dark(#1d2333, #e4e7ef); --quiet: light-dark(#667085, #98a1b3); --line: light-dark(#e6e8ee, #2b3140); --accent: light-dark(#3445c9, #97a5ff); --code: light-dark(#f1f3f8, #232938); }
* { box-sizing: border-box; }
html { scroll-behavior: smooth; scroll-padding-top: 20px; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; display: grid; grid-template-columns: 270px minmax(0, 1fr); }
nav { position: sticky; top: 0; height: 100vh; overflow-y: auto; padding: 26px 20px 40px; border-right: 1px solid var(--line); font-size: 14px; }
nav h2 { font-size: 12px; text-transform: uppercase; letter-spacing: .06em; color: var(--quiet); margin: 22px 0 6px; }
nav a { display: flex; gap: 8px; align-items: baseline; padding: 3px 0; color: inherit; text-decoration: none; overflow-wrap: anywhere; }
nav a:hover { color: var(--accent); }
nav .home { font-size: 18px; font-weight: 700; letter-spacing: -.01em; }
main { max-width: 940px; padding: 30px 36px 120px; min-width: 0; }
h1 { font-size: 38px; line-height: 1.15; letter-spacing: -.02em; margin: 0 0 10px; }
.lead { font-size: 19px; color: var(--quiet); margin: 0 0 16px; }
main > h2 { font-size: 25px; letter-spacing: -.012em; margin: 44px 0 12px; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 14px; padding: 20px 26px; margin: 0 0 16px; }
h3 { font-size: 18px; margin: 0 0 8px; overflow-wrap: anywhere; }
h3 code { background: none; padding: 0; font-size: 17px; }
h4 { font-size: 13px; text-transform: uppercase; letter-spacing: .05em; color: var(--quiet); margin: 20px 0 6px; }
p { margin: 0 0 12px; }
a { color: var(--accent); }
code, pre { font: 14px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
code { background: var(--code); border-radius: 5px; padding: 1px 5px; overflow-wrap: anywhere; }
pre { background: var(--code); border-radius: 10px; padding: 12px 16px; margin: 8px 0 14px; overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere; }
.method { font: 700 11px/1.6 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; letter-spacing: .03em; color: var(--accent); min-width: 48px; display: inline-block; }
.method.get { color: light-dark(#0b7a4b, #5fd3a0); }
.method.delete { color: light-dark(#b42318, #ff9a8f); }
.required { color: light-dark(#b42318, #ff9a8f); padding-left: 3px; }
.quiet { color: var(--quiet); font-size: 14px; }
.scroll { overflow-x: auto; margin-bottom: 12px; }
table { border-collapse: collapse; width: 100%; font-size: 14.5px; line-height: 1.45; }
td { padding: 7px 14px 7px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td:first-child { white-space: nowrap; }
tr:last-child td { border-bottom: 0; }
.type { color: var(--quiet); min-width: 110px; }
details { margin: 0 0 10px; }
summary { cursor: pointer; color: var(--accent); font-size: 14.5px; }
@media (max-width: 860px) { body { display: block; } nav { position: static; height: auto; border-right: 0; border-bottom: 1px solid var(--line); } main { padding: 24px 16px 80px; } section { padding: 16px; } tr { display: block; padding: 8px 0; border-bottom: 1px solid var(--line); } td { display: inline; border: 0; padding: 0; } td:first-child { padding-right: 8px; } td:last-child { display: block; } }
`;
