import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { BuildOptions, Plugin } from 'esbuild';
import { type FunctionSource, functionSources, root } from '../../../localstack/infrastructure/functions/functions.ts';
import { plainHttp } from '../../../localstack/infrastructure/functions/plain-http.ts';

/** A bundle to measure: how it is made. */
export type Variant = FunctionSource & { options?: BuildOptions };

const HANDLER = `
import { display as consumer } from './consumers/display/consumer.ts';
import { displayIndexes as indexes } from './consumers/display/indexes.ts';
import { sqsFunction } from './consumers/lambda.ts';
`;
const over = (http: string, file: string) =>
  `${HANDLER}import { ${http} as http } from ${JSON.stringify(file)};\nexport const handler = sqsFunction({ consumer, indexes }, { http });\n`;

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));

/** SQS and Secrets Manager by the SDK's clients instead of signed requests of our own. */
const sdkCalls: Plugin = {
  name: 'sdk-calls',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /lambda\/aws-call\.ts$/ }, () => ({ path: here('sdk-call.ts') }));
    // The SDK of the project, and not the one that the peers bring.
    const contents = readFileSync(here('sdk-call.ts'), 'utf8');
    onLoad({ filter: /sdk-call\.ts$/ }, () => ({ contents, resolveDir: root, loader: 'ts' }));
  },
};

const [doorbell] = functionSources().filter(({ name }) => name === 'display') as [FunctionSource];

/** The SQS handler of display as it is deployed, and with one thing changed each. */
export const handlers: Variant[] = [
  { ...doorbell, name: 'doorbell' },
  { name: 'undici', program: over('undiciHttp', './consumers/runtime/source/undici-http.ts') },
  // As one would write it first: bundled undici, and everything else by the SDK as it comes.
  {
    name: 'undici-and-sdk',
    program: over('undiciHttp', './consumers/runtime/source/undici-http.ts'),
    options: { alias: {}, plugins: [sdkCalls, plainHttp] },
  },
  { name: 'global-fetch', program: over('fetchHttp', './test/bench/lambda/global-fetch.ts') },
  { name: 'sdk-calls', program: doorbell.program, options: { plugins: [sdkCalls, plainHttp] } },
  { name: 'sdk-credentials', program: doorbell.program, options: { alias: {} } },
  { name: 'http-by-import', program: doorbell.program, options: { plugins: [] } },
];

/** Every function as it is deployed. */
export const deployed: Variant[] = functionSources();
