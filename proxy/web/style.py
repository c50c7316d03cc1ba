"""The look of the web door's own pages: the custom properties are those of the identity pages, few rules, no script."""

PATH = "/.gatepost/gate.css"

CSS = """\
:root { color-scheme: light dark; --ground: #f2f5f3; --surface: #fff; --ink: #13211c; --soft: #53645d; --line: #d8e0dc;
  --accent: #0d6149; --on-accent: #fff; --lamp: #e89a2c; --bad: #a92c25; --focus: #0a6fd6; --radius: 14px;
  --text: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", Arial, sans-serif;
  --text-ja: -apple-system, "Hiragino Sans", "BIZ UDPGothic", "Yu Gothic UI", "Noto Sans JP", "Noto Sans CJK JP",
    sans-serif;
  --mono: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
@media (prefers-color-scheme: dark) { :root { --ground: #0f1614; --surface: #17211d; --ink: #e7eeea; --soft: #a0b1a9;
  --line: #2a3832; --accent: #74cfae; --on-accent: #06231a; --lamp: #f4b557; --bad: #f59a90; --focus: #7ab8ff; } }
*, *::before, *::after { box-sizing: border-box; }
html { font: 100%/1.6 var(--text); }
html:lang(ja) { font-family: var(--text-ja); line-height: 1.8; line-break: strict; word-break: auto-phrase; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem; background: var(--ground);
  color: var(--ink); overflow-wrap: anywhere; }
main { width: min(34rem, 100%); background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius);
  padding: clamp(1.5rem, 5vw, 2.5rem); }
main::before { content: ""; display: block; width: 2.75rem; height: .3rem; border-radius: 1rem; background: var(--lamp);
  margin-bottom: 1.25rem; }
h1 { font-size: clamp(1.4rem, 1.2rem + 1vw, 1.8rem); line-height: 1.3; margin: 0 0 .75rem; text-wrap: balance; }
p { margin: 0 0 1rem; }
.said { border-left: .2rem solid var(--bad); padding-left: .9rem; font-weight: 600; }
.soft { color: var(--soft); font-size: .92rem; }
code { font-family: var(--mono); letter-spacing: .06em; }
main > :last-child { margin-bottom: 0; }
a.button { display: inline-block; padding: .6rem 1.1rem; border-radius: 9px; background: var(--accent);
  color: var(--on-accent); text-decoration: none; font-weight: 600; }
a:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
"""
