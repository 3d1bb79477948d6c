import { AnswerTooLong, type Http } from '../../../consumers/runtime/source/http-port.ts';

/** HTTP by the fetch of Node, as far as a benchmark needs it: it unpacks what it is sent. */
export function fetchHttp(origin: string): Http {
  return {
    async send({ method, path, headers, body }, { mostBytes = Infinity, signal }) {
      const asked = { method, headers, body, redirect: 'manual' as const, ...(signal && { signal }) };
      const response = await fetch(`${origin}${path}`, asked);
      const text = await response.text();
      if (text.length > mostBytes)
        throw new AnswerTooLong(response.status, mostBytes, response.headers.get('content-type') ?? undefined);
      return { status: response.status, headers: Object.fromEntries(response.headers), body: text };
    },
    close: async () => {},
  };
}
