import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { type ProblemCode, problem } from '../../contracts/wire/problem.ts';

export type Seen = { method: string; url: string; headers: IncomingMessage['headers']; body: string };

/** A real HTTP server on a free port whose misbehaviour is staged; stopped when the test is over. */
export async function httpServer(answer: (request: Seen, response: ServerResponse, n: number) => void) {
  const seen: Seen[] = [];
  const listener: RequestListener = async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { method = '', url = '', headers } = request;
    seen.push({ method, url, headers, body });
    answer({ method, url, headers, body }, response, seen.length);
  };
  const server = createServer((request, response) => void listener(request, response));
  let opened = 0;
  server.on('connection', () => opened++);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    /** How many were made so far. */
    connections: () => opened,
  };
}

/** Answers with a problem document, as an API of Doorbell does. */
export function refuse(
  response: ServerResponse,
  code: ProblemCode,
  more: { version?: number; detail?: string; headers?: Record<string, string> } = {},
): void {
  const { detail = 'no', version, headers = {} } = more;
  const document = problem(code, detail, version === undefined ? {} : { version });
  json(response, document.status, document, { 'content-type': 'application/problem+json', ...headers });
}

/** Answers with JSON. */
export function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}
