import { createHash } from 'node:crypto';
import { Hono } from 'hono';
import { publisherDocument } from '../../../contracts/documents/shops/openapi-publisher.ts';
import { docsPage } from '../../http/page/docs-page.ts';
import { style } from '../../http/page/style.ts';

/** Makes `GET /openapi.json`, and `GET /docs` for people; each document is made at its first request. */
export function documentRoutes(): Hono {
  const app = new Hono();
  const made = once(() => {
    const document = publisherDocument();
    return { text: JSON.stringify(document), page: docsPage(document) };
  });

  app.get('/openapi.json', (c) => c.body(made().text, 200, { 'content-type': 'application/json' }));
  app.get('/docs', (c) => {
    c.header('content-security-policy', PAGE_POLICY);
    return c.html(made().page);
  });
  return app;
}

/** Content policy: nothing is loaded and no script runs; the only style is our own. */
const PAGE_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

function once<Value>(make: () => Value): () => Value {
  let made: { value: Value } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
