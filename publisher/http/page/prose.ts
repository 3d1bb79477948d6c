import { html } from 'hono/html';

/** Escaped HTML, as `hono/html` makes it. */
export type Html = ReturnType<typeof html>;

/** Renders a description as paragraphs: blank lines separate them, backticks mark code. */
export function prose(text: string): Html {
  return html`${text.split('\n\n').map((paragraph) => html`<p>${inline(paragraph)}</p>`)}`;
}

/** Renders a line in which backticks mark code. */
export function inline(text: string): Html {
  return html`${text.split('`').map((part, n) => (n % 2 === 1 ? html`<code>${part}</code>` : part))}`;
}

/** Renders a value as JSON that is easy to read. */
export function jsonBlock(value: unknown): Html {
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  return html`<pre tabindex="0"><code>${text}</code></pre>`;
}
