import type { Plugin } from 'esbuild';

/** What an `import` of `node:http` may take from it; one more and the build says so. */
const CONTENTS = [
  `const http = process.getBuiltinModule('node:http');`,
  'export { http as default };',
  'export const { Agent, request } = http;',
].join('\n');

/**
 * Takes `node:http` past its ESM form in a bundle. An ESM import of it reads every export, also those that are made when
 * they are read: `WebSocket` loads the undici inside Node, 32 of 37 ms of CPU. By getBuiltinModule, http costs 4.
 */
export const plainHttp: Plugin = {
  name: 'plain-http',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(node:)?http$/ }, ({ kind }) =>
      // A `require` is plain already, and may take anything.
      kind === 'require-call' ? { path: 'node:http', external: true } : { path: 'http', namespace: 'plain-http' },
    );
    onLoad({ filter: /^http$/, namespace: 'plain-http' }, () => ({ contents: CONTENTS }));
  },
};
