import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parts } from '../../consumers/all.ts';
import { queryDocument } from '../../consumers/query/document.ts';
import type { OpenApiDocument } from '../../contracts/documents/openapi.ts';
import { type FuzzedSystem, startFuzzedSystem } from './fuzzed-system.ts';
import { pythonEnvironment } from './python.ts';

type Run = { what: string; document: OpenApiDocument; url: string; checks: readonly string[] };

/** No 500, no status, media type, header or body that isn't documented, and no request accepted that a document forbids. */
const CONFORMS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'negative_data_rejection',
];
/** And none refused that a document allows. */
const ACCEPTS = [...CONFORMS, 'positive_data_acceptance', 'ignored_auth'];

/**
 * What makes a request fail that its document allows: another version, one that is not there yet, a key that was used,
 * two times at once. `test/unit/consumers/query-conformance.test.ts` holds the answers to `Min-Version` of query APIs.
 */
const CONDITIONS = new Set(['If-Match', 'Idempotency-Key', 'Min-Version', 'at']);

/** Runs schemathesis over every API of a real system. The faults it found, in words; Missing if there is no Python for it. */
export async function runSchemathesis(): Promise<string[]> {
  const bin = pythonEnvironment(['3.13', '3.12', '3.11'], 'test/real/schemathesis-requirements.txt');
  const fuzzed = await startFuzzedSystem();
  try {
    const faults: string[] = [];
    for (const run of await runsOf(fuzzed))
      if (!(await passes(run, resolve(bin), fuzzed))) faults.push(`faults in ${run.what}`);
    return [...faults, ...new Set(fuzzed.errors.map(({ message }) => `answered by 500: ${message}`))];
  } finally {
    await fuzzed.stop();
  }
}

async function runsOf({ system }: FuzzedSystem): Promise<Run[]> {
  const url = system.publisherUrl;
  const document = (await (await fetch(`${url}/openapi.json`)).json()) as OpenApiDocument;
  return [
    { what: 'publisher', document, url, checks: CONFORMS },
    { what: 'publisher without conditions', document: unconditional(document), url, checks: ACCEPTS },
    ...parts.map((part) => {
      const { name } = part.consumer.agreement;
      const place = system.consumers.find((consumer) => consumer.name === name);
      return {
        what: `${name} queries`,
        document: unconditional(queryDocument(part)),
        url: place?.url ?? '',
        checks: ACCEPTS,
      };
    }),
  ];
}

/** Without the parameters that can fail a request although each of its values is valid. */
function unconditional(document: OpenApiDocument): OpenApiDocument {
  const copy = structuredClone(document);
  for (const operation of Object.values(copy.paths).flatMap((methods) => Object.values(methods)))
    operation.parameters = (operation.parameters ?? []).filter(({ name }) => !CONDITIONS.has(name));
  return copy;
}

async function passes({ what, document, url, checks }: Run, bin: string, { tokens }: FuzzedSystem): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'doorbell-schemathesis-'));
  const file = join(folder, 'openapi.json');
  writeFileSync(file, JSON.stringify(document));
  process.stdout.write(`\n── schemathesis: ${what}\n`);
  const config = ['--no-color', '--config-file', resolve('test/real/schemathesis.toml')];
  const arguments_ = [...config, 'run', file, '--url', url, '--checks', checks.join()];
  const env = {
    ...process.env,
    DOORBELL_FUZZ_OPERATOR: tokens.operator,
    DOORBELL_FUZZ_DISPLAY: tokens.display,
    DOORBELL_FUZZ_AD: tokens.ad,
  };
  // In a folder of its own: it leaves its notes where it runs.
  const [status] = await once(spawn(join(bin, 'st'), arguments_, { cwd: folder, stdio: 'inherit', env }), 'close');
  rmSync(folder, { recursive: true });
  return status === 0;
}
