import type { Hono } from 'hono';
import type { OpenApiDocument } from '../../contracts/documents/openapi.ts';
import { apiDocument } from './api-document.ts';

type Routes = Pick<Hono, 'routes'>;

/** What an app answers, as its document has it: `GET /shops/{shopId}`. */
export function routesOf({ routes }: Routes): string[] {
  // ALL: middleware. HEAD is answered by GET.
  const own = routes.filter(({ method }) => method !== 'ALL');
  return [...new Set(own.map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`))].toSorted();
}

/** What a document says there is. */
export function operationsOf(document: OpenApiDocument): string[] {
  const { operations } = apiDocument(document);
  return operations.map(({ method, path }) => `${method.toUpperCase()} ${path}`).toSorted();
}

/** Calls an app and holds every answer against its document: status, media type, headers and body. */
export function heldAgainst(app: Pick<Hono, 'request'>, document: OpenApiDocument) {
  const api = apiDocument(document);
  const paths = Object.keys(document.paths).map((path) => ({
    path,
    form: new RegExp(`^${path.replaceAll(/[.]/g, '\\.').replaceAll(/\{\w+\}/g, '([^/]+)')}$`),
  }));
  const seen = new Set<string>();
  const faults: string[] = [];

  async function request(path: string, init: RequestInit = {}): Promise<Response> {
    const response = await app.request(path, init);
    const [plain = ''] = path.split('?');
    const method = (init.method ?? 'GET').toLowerCase();
    // The more literal path first: /shops/batch is no shop.
    const template = paths.find(({ path }) => path === plain)?.path ?? paths.find(({ form }) => form.test(plain))?.path;
    const found = await hold(method, template ?? plain, response);
    faults.push(...found.map((fault) => `${method.toUpperCase()} ${path}: ${fault}`));
    return response;
  }

  async function hold(method: string, path: string, response: Response): Promise<string[]> {
    const { status, headers } = response;
    const at = api.answerAt(method, path, status);
    if (at === null) return [`the answer ${status} is not documented`];
    const { operationId } = document.paths[path]?.[method] ?? {};
    const text = await response.clone().text();
    seen.add(`${operationId} ${status}`);
    const answer = api.at(at) as { headers?: object; content?: Record<string, unknown> };
    const undocumented = ['etag', 'location', 'retry-after', 'www-authenticate'].filter(
      (name) => headers.has(name) && !Object.keys(answer.headers ?? {}).some((known) => known.toLowerCase() === name),
    );
    const [media = ''] = (headers.get('content-type') ?? '').split(';');
    const body = text === '' ? [] : bodyFaults(at, media, answer.content ?? {}, text);
    const missing = text === '' && answer.content !== undefined ? ['has no body'] : [];
    const codes = media.includes('problem') ? [`${operationId} ${JSON.parse(text).code}`] : [];
    for (const code of codes) seen.add(code);
    return [...undocumented.map((name) => `${status} has a header ${name}`), ...body, ...missing];
  }

  function bodyFaults(at: string[], media: string, content: Record<string, unknown>, text: string): string[] {
    if (content[media] === undefined) return [`the media type ${media} is not documented`];
    const value = media.includes('json') ? JSON.parse(text) : text;
    return api.faults([...at, 'content', media, 'schema'], value);
  }

  return { app: { request } as Pick<Hono, 'request'>, seen, faults };
}

/** Every answer of a document, `getShop 200`, and every problem, `getShop resource-not-found`. */
export function answersOf(document: OpenApiDocument): string[] {
  const { operations, at } = apiDocument(document);
  return operations.flatMap(({ operation: { operationId, responses } }) =>
    Object.entries(responses).flatMap(([status, answer]) => {
      const resolved = '$ref' in answer ? at(answer.$ref.replace('#/', '').split('/')) : answer;
      const { content = {} } = resolved as { content?: Record<string, { examples?: object }> };
      const codes = Object.values(content).flatMap(({ examples = {} }) => Object.keys(examples));
      return codes.length > 0 ? codes.map((code) => `${operationId} ${code}`) : [`${operationId} ${status}`];
    }),
  );
}
