/**
 * Style sheet of the API page: no script, no font and no picture from elsewhere; light and dark; down to a phone's
 * width.
 */
export const style = `
:root {
  color-scheme: light dark;
  --paper: light-dark(#fdfcfa, #16171a);
  --ink: light-dark(#1d1e22, #e6e5e1);
  --faint: light-dark(#6a6b73, #9b9ca6);
  --line: light-dark(#e4e1da, #303238);
  --well: light-dark(#f4f1eb, #1e2024);
  --link: light-dark(#0b5cad, #7db8f5);
  --get: light-dark(#0a6b50, #57c9a3);
  --post: light-dark(#8a4b00, #eaa960);
  --put: light-dark(#6b3fa0, #c3a1f0);
  --delete: light-dark(#a3242c, #f28b91);
}
* { box-sizing: border-box }
html { scroll-behavior: smooth; scroll-padding-top: 1rem }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto } }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.6 system-ui, "Apple SD Gothic Neo", "Noto Sans KR", "Noto Sans CJK KR", sans-serif;
}
a { color: var(--link); text-decoration: none }
a:hover, a:focus-visible { text-decoration: underline }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 3px }
code, pre { font: .875em/1.55 ui-monospace, SFMono-Regular, Menlo, Consolas, "Noto Sans Mono CJK KR", monospace }
code { overflow-wrap: anywhere }
pre {
  max-width: 52rem; margin: .5rem 0; padding: .75rem 1rem; overflow-x: auto; background: var(--well);
  border: 1px solid var(--line); border-radius: 6px;
}
pre code { overflow-wrap: normal }
.page {
  display: grid; grid-template: "nav header" auto "nav main" 1fr / 21rem minmax(0, 1fr); max-width: 80rem; margin: 0 auto;
}
header { grid-area: header; padding: 2rem 1.5rem 0 2rem; border-left: 1px solid var(--line) }
nav {
  grid-area: nav; position: sticky; top: 0; align-self: start; max-height: 100vh; overflow-y: auto; padding: 2rem 1rem 2rem 1.5rem;
  font-size: .875rem; line-height: 1.4;
}
nav h2 { margin: 1.25rem 0 .25rem; font-size: .75rem; letter-spacing: .06em; text-transform: uppercase; color: var(--faint) }
nav ul { margin: 0; padding: 0; list-style: none }
nav a { display: flex; gap: .5rem; padding: .2rem 0; color: inherit }
nav code { font-size: .8125rem }
nav details { border: 0 }
nav details > :not(summary) { margin-left: 0 }
main { grid-area: main; padding: 0 1.5rem 6rem 2rem; border-left: 1px solid var(--line); min-width: 0 }
h1 { margin: 0; font-size: 1.75rem; line-height: 1.2 }
main h2::first-letter { text-transform: uppercase }
h2 { margin: 3.5rem 0 .25rem; font-size: 1.375rem; line-height: 1.3 }
h3 { margin: 0; font-size: 1.0625rem; line-height: 1.4 }
h4 {
  margin: 1.25rem 0 .25rem; font-size: .75rem; letter-spacing: .06em; text-transform: uppercase; color: var(--faint)
}
p { max-width: 44rem; margin: .5rem 0 }
.faint, small { color: var(--faint) }
article { margin-top: 1.5rem; padding-top: 1.5rem; border-top: 1px solid var(--line) }
article:target h3, section:target > h3 { background: var(--well) }
.route { display: flex; flex-wrap: wrap; gap: .5rem; align-items: baseline; margin-top: .25rem }
.method { flex: none; font-weight: 700; text-transform: uppercase; font-size: .75rem; letter-spacing: .03em }
nav .method { width: 3.25rem; padding-top: .1rem; font-size: .6875rem }
.get { color: var(--get) } .post { color: var(--post) } .put, .patch { color: var(--put) } .delete { color: var(--delete) }
ul.fields { margin: .25rem 0; padding: 0; list-style: none; max-width: 52rem }
ul.fields ul.fields { margin-left: .375rem; padding-left: 1rem; border-left: 1px solid var(--line) }
ul.fields > li { padding: .25rem 0 }
ul.fields > li > p { margin: 0; font-size: .9375rem }
.name { font-weight: 600 }
.type { color: var(--faint); font-size: .875rem }
.needed { color: var(--delete); font-size: .75rem }
details { max-width: 52rem; border-bottom: 1px solid var(--line) }
details > summary { padding: .4rem 0; cursor: pointer }
details > :not(summary), details > ul.fields { margin-left: 1rem }
details[open] { padding-bottom: .75rem }
.status { display: inline-block; min-width: 2.5rem; font-weight: 600; font-variant-numeric: tabular-nums }
/* Beside the text the list is always open; above it, on a phone, it opens when it is asked for. */
@media (min-width: 52rem) {
  @supports selector(::details-content) {
    nav summary { display: none }
    nav details::details-content { content-visibility: visible; block-size: auto }
  }
}
@media (max-width: 52rem) {
  .page { display: block }
  header, main { padding: 1.25rem 1rem; border: 0 }
  main { padding-bottom: 4rem }
  nav { position: static; max-height: none; padding: .5rem 1rem; border-block: 1px solid var(--line) }
  nav summary { font-weight: 600; font-size: 1rem }
  nav a { padding: .4rem 0 }
}
`;
