import type { Plugin } from 'esbuild';

/** The exports of `node:http` that a bundle may import. The build fails if a file imports another one. */
const CONTENTS = [
  `const http = process.getBuiltinModule('node:http');`,
  'export { http as default };',
  'export const { Agent, request } = http;',
].join('\n');

/**
 * Loads `node:http` in a bundle by getBuiltinModule in place of an ESM import. The ESM import reads every export, and
 * reading `WebSocket` loads the undici inside Node: 32 of 37 ms of CPU. By getBuiltinModule it takes 4 ms.
 */
export const plainHttp: Plugin = {
  name: 'plain-http',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(node:)?http$/ }, ({ kind }) =>
      // A `require` does not read every export, so it stays.
      kind === 'require-call' ? { path: 'node:http', external: true } : { path: 'http', namespace: 'plain-http' },
    );
    onLoad({ filter: /^http$/, namespace: 'plain-http' }, () => ({ contents: CONTENTS }));
  },
};
