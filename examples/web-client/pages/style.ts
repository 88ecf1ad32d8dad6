/** The style sheet. */
export const STYLE = `:root {
  color-scheme: light dark;
  --paper: light-dark(#f6f5f1, #14171b);
  --sheet: light-dark(#ffffff, #1d2228);
  --ink: light-dark(#20242a, #e6e8ea);
  --soft: light-dark(#565f6b, #a6afba);
  --line: light-dark(#d8d9d4, #38404a);
  --main: light-dark(#22506e, #8cc0e2);
  --main-deep: light-dark(#22506e, #2b5f82);
  --good: light-dark(#2c6a3f, #8fce9f);
  --bad: light-dark(#9a3324, #f0a08e);
}
* { box-sizing: border-box; }
html { background: var(--paper); color: var(--ink); font: 100%/1.55 system-ui, "Segoe UI", Ubuntu, "DejaVu Sans", sans-serif; }
body { margin: 0; }
header, main, footer { inline-size: min(58rem, 100% - 2rem); margin-inline: auto; }
header { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; align-items: center; padding-block: 1rem; }
header b { font-size: 1.15rem; margin-inline-end: auto; }
header a { color: inherit; text-decoration: none; }
main { padding-block: 1rem 3rem; }
footer { border-block-start: 1px solid var(--line); padding-block: 1rem 2rem; color: var(--soft); font-size: .92rem; }
h1 { margin: 0 0 .75rem; font-size: clamp(1.6rem, 1.2rem + 2vw, 2.3rem); line-height: 1.2; text-wrap: balance; }
h2 { margin: 0 0 .25rem; font-size: 1.1rem; }
p { max-inline-size: 40rem; text-wrap: pretty; }
a { color: var(--main); }
form { margin: 0; }
button, .button { display: inline-block; border: 1px solid var(--main-deep); border-radius: .5rem; padding: .55rem 1rem; background: var(--main-deep); color: #fff; font: inherit; font-weight: 600; line-height: 1.3; text-decoration: none; cursor: pointer; }
button.quiet, .button.quiet { border-color: var(--line); background: none; color: var(--ink); }
:focus-visible { outline: 3px solid var(--main); outline-offset: 2px; }
.actions { display: flex; flex-wrap: wrap; gap: .6rem; margin-block: 1.25rem; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(16rem, 100%), 1fr)); gap: 1rem; margin: 1.25rem 0; padding: 0; list-style: none; }
.card { border: 1px solid var(--line); border-block-start: 4px solid var(--soft); border-radius: .6rem; padding: .9rem 1.1rem 1rem; background: var(--sheet); min-inline-size: 0; }
.card.good { border-block-start-color: var(--good); }
.card.bad { border-block-start-color: var(--bad); }
.card p { margin: .4rem 0; }
.card .status { color: var(--soft); }
.card.good .status b { color: var(--good); }
.card.bad .status b { color: var(--bad); }
pre { margin: .5rem 0 0; overflow-wrap: anywhere; white-space: pre-wrap; font: .85rem/1.45 ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
.notice { border: 1px solid var(--line); border-inline-start: 5px solid var(--bad); border-radius: .3rem .6rem .6rem .3rem; padding: 1.1rem 1.4rem; background: var(--sheet); }
.notice h2 { margin-block-start: 1rem; color: var(--soft); font-size: .95rem; }
.notice p { margin: 0; }
.notice .actions { margin-block-start: 1rem; }
.who { color: var(--soft); }
`
