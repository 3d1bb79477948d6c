import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { expect, onTestFinished } from 'vitest';
import { importFile } from '../../localstack/import/import-file.ts';
import { type Fetch, withToken } from '../../localstack/import/publisher-client.ts';
import type { ImportResult } from '../../localstack/import/run-plan.ts';
import { operatorToken } from './publisher.ts';

/** The two snapshots of real shops. */
type Snapshot = 'shops-2021-03.csv' | 'shops-2024-02.csv';

/** Brings the real shops of a snapshot to a publisher, by commands: those whose id is like this. */
export async function importShops(url: string, snapshot: Snapshot, like: RegExp): Promise<ImportResult> {
  const folder = mkdtempSync(join(tmpdir(), 'doorbell-shops-'));
  const dispatcher = new Agent({ connections: 32 });
  onTestFinished(async () => {
    rmSync(folder, { recursive: true });
    await dispatcher.close();
  });
  const [header = '', ...rows] = readFileSync(`localstack/data/${snapshot}`, 'utf8').split('\n');
  const some = rows.filter((row) => like.test(row.slice(0, row.indexOf(','))));
  const file = join(folder, snapshot);
  writeFileSync(file, `${[header, ...some].join('\n')}\n`);
  const { signal } = new AbortController();
  const { result } = await importFile(file, { fetch: commandsTo(url, dispatcher), onProgress: () => {}, signal });
  expect(result).toMatchObject({ failed: [], stopped: null });
  return result as ImportResult;
}

function commandsTo(url: string, dispatcher: Agent): Fetch {
  return withToken(async (path, { method = 'GET', headers = {}, body } = { method: 'GET', headers: {} }) => {
    const payload = body === undefined ? {} : { body };
    const answer = await request(new URL(path, url), { dispatcher, method: method as 'GET', headers, ...payload });
    const type = String(answer.headers['content-type'] ?? '');
    return new Response(await answer.body.text(), { status: answer.statusCode, headers: { 'content-type': type } });
  }, operatorToken);
}
