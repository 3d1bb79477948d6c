import { html, raw } from 'hono/html';
import type { OpenApiDocument } from '../../../contracts/documents/openapi.ts';
import { operationSection, type Placed } from './operation.ts';
import { type Html, inline, prose } from './prose.ts';
import { fields, typeWords } from './schema.ts';
import { style } from './style.ts';

/** Renders an OpenAPI document as a page for people: no script, and nothing loaded from elsewhere. Pure. */
export function docsPage(document: OpenApiDocument): Html {
  const { info, tags } = document;
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): Placed => ({ method, path, operation })),
  );
  const groups = tags.map((tag) => ({
    ...tag,
    operations: operations.filter(({ operation }) => operation.tags.includes(tag.name)),
  }));
  const schemas = Object.entries(document.components.schemas ?? {});
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${info.title} ${info.version}</title>
<style>${raw(style)}</style>
</head>
<body>
<div class="page">
<header>
<h1>${info.title}</h1>
<p class="faint">Version ${info.version} · OpenAPI ${document.openapi} · <a href="/openapi.json">openapi.json</a></p>
${prose(info.description)}
</header>
<nav aria-label="Operations"><details><summary>Operations</summary>
${groups.map(navGroup)}
<h2>Schemas</h2><ul>${schemas.map(([name]) => html`<li><a href="#schema-${name}">${name}</a></li>`)}</ul>
</details></nav>
<main>
${groups.map(
  ({ name, description, operations }) => html`<section id="tag-${name}">
<h2>${name}</h2><p>${inline(description)}</p>
${operations.map((each) => operationSection(document, each))}
</section>`,
)}
<h2>Schemas</h2>
${schemas.map(
  ([name, schema]) => html`<article id="schema-${name}"><h3>${name}</h3>
<p class="type">${typeWords(schema)}</p>
${schema.description === undefined ? '' : prose(String(schema.description))}${fields(schema)}</article>`,
)}
</main>
</div>
</body>
</html>`;
}

function navGroup({ name, operations }: { name: string; operations: Placed[] }): Html {
  return html`<h2>${name}</h2><ul>${operations.map(
    ({ method, path, operation }) =>
      html`<li><a href="#${operation.operationId}" title="${operation.summary}"><span class="method ${method}">${method}</span><code>${path}</code></a></li>`,
  )}</ul>`;
}
