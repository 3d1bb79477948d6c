import type { OpenHttp } from '../../../consumers/runtime/source/http-port.ts';
import { nodeHttp } from '../../../consumers/runtime/source/node-http.ts';
import type { Clock } from '../../../consumers/runtime/system.ts';

/** Makes an HTTP client that counts every request, repeated ones too. */
export function countedHttp(): { http: OpenHttp; requests: () => number } {
  let requests = 0;
  const http = (origin: string, clock: Clock) => {
    const { send, close } = nodeHttp(origin, clock);
    return {
      send(...request: Parameters<typeof send>) {
        requests++;
        return send(...request);
      },
      close,
    };
  };
  return { http, requests: () => requests };
}
