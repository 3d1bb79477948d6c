import { html } from 'hono/html';
import { describe, expect, test } from 'vitest';
import { publisherDocument } from '../../contracts/documents/shops/openapi-publisher.ts';
import { prose } from '../../publisher/http/page/prose.ts';
import { publisher } from '../support/publisher.ts';

describe('the publisher explains itself', () => {
  test('by its OpenAPI document', async () => {
    const { call } = await publisher();
    const { status, headers, body } = await call('GET', '/openapi.json');
    expect([status, headers.get('content-type')]).toEqual([200, 'application/json']);
    expect(body).toEqual(JSON.parse(JSON.stringify(publisherDocument())));
  });

  test('by a page that names every operation, answer code and schema', async () => {
    const { app } = await publisher();
    const response = await app.request('/docs');
    const page = await response.text();
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html; charset=UTF-8']);
    const { paths, components } = publisherDocument();
    const operations = Object.values(paths).flatMap((methods) => Object.values(methods));
    for (const { operationId, summary } of operations) {
      expect(page).toContain(`<article id="${operationId}">`);
      expect(page).toContain(String(html`${summary}`));
    }
    for (const name of Object.keys(components.schemas ?? {})) expect(page).toContain(`<article id="schema-${name}">`);
    for (const code of Object.keys(components.examples ?? {})) expect(page).toContain(`/problems/${code}`);
    const targets = [...page.matchAll(/href="#([^"]+)"/g)].map(([, target]) => target);
    expect(targets.filter((target) => !page.includes(`id="${target}"`))).toEqual([]);
  });

  test('without a script or anything from elsewhere, and lets no browser load any', async () => {
    const { app } = await publisher();
    const response = await app.request('/docs');
    const page = await response.text();
    expect(page).not.toMatch(/<script|\son\w+=|src=|https?:\/\/|@import|url\(/i);
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
  });

  test('and shows what a description says as text, never as markup', () => {
    expect(String(prose('a `<b>` & <script>\n\nnew'))).toBe(
      '<p>a <code>&lt;b&gt;</code> &amp; &lt;script&gt;</p><p>new</p>',
    );
  });
});
