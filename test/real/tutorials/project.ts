import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, expect, onTestFailed, onTestFinished } from 'vitest';
import { startPostgres } from '../../../localstack/start/postgres/postgres.ts';
import { openPool } from '../../../publisher/postgres/database.ts';
import { testBroker } from '../../support/broker.ts';
import { freePort } from '../../support/database-name.ts';
import { bareUrl } from '../../support/postgres-setup.ts';
import { root } from '../../support/sources.ts';
import { until } from '../../support/wait.ts';
import { isShown, type Step } from './page.ts';
import { terminal } from './programs.ts';

/** 30 s: a slow machine is no failure. */
const PATIENCE = 30_000;

/** The tarball that `npm pack` makes, once for all pages. */
let tarball: string | null = null;

afterAll(() => {
  if (tarball !== null) rmSync(dirname(tarball), { recursive: true });
});

function packed(): string {
  const folder = mkdtempSync(join(tmpdir(), 'doorbell-packed-'));
  const said = execFileSync('npm', ['pack', '--json', '--pack-destination', folder], { cwd: root, encoding: 'utf8' });
  const [{ filename }] = JSON.parse(said.replace(/^[^[]*/, '')) as [{ filename: string }];
  return join(folder, filename);
}

/** Takes the place of psql, which machines without PostgreSQL lack: URL, then -f FILE. */
const PSQL = `#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import pg from '${join(root, 'node_modules/pg/lib/index.js')}';
const [connectionString, , file] = process.argv.slice(2);
const client = new pg.Client({ connectionString });
await client.connect();
await client.query(readFileSync(file, 'utf8'));
await client.end();
`;

/** A path on which a reader's machine has Node and psql, and nothing of this project's packages. */
function ownPath(folder: string): string {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  symlinkSync(process.execPath, join(bin, 'node'));
  writeFileSync(join(bin, 'psql'), PSQL, { mode: 0o755 });
  writeFileSync(join(bin, 'package.json'), '{"type":"module"}');
  const others = (process.env['PATH'] ?? '').split(delimiter).filter((each) => !each.includes('node_modules'));
  return [bin, ...others].join(delimiter);
}

/** The environment without what vitest, npm and this project have put there. */
function ownEnvironment(folder: string): NodeJS.ProcessEnv {
  const strange =
    /^(VITEST|TEST$|NODE_(ENV|OPTIONS|COMPILE_CACHE)|DOORBELL_|AWS_|PG|INIT_CWD|npm_(?!config_(registry|.*proxy|cache)))/;
  const kept = Object.entries(process.env).filter(([name]) => !strange.test(name));
  return { ...Object.fromEntries(kept), NO_COLOR: '1', PATH: ownPath(folder) };
}

/** The databases of the pages on a server of its own, since the pages make roles. */
async function ownDatabase(folder: string): Promise<string> {
  const settings = { fsync: 'off' };
  const server = await startPostgres({ folder: join(folder, 'pg'), password: 'postgres', settings });
  onTestFinished(() => server.stop());
  const admin = openPool({ connectionString: bareUrl(server.url), max: 1 });
  const made = Promise.all(['shop', 'market'].map((name) => admin.query(`create database ${name}`)));
  await made.finally(() => admin.end());
  return bareUrl(server.url).replace(/\/postgres$/, '');
}

/** An empty project with PostgreSQL and a broker, in which the steps of a page are taken. Gone when the test is over. */
export async function emptyProject() {
  const outer = mkdtempSync(join(tmpdir(), 'doorbell-tutorial-'));
  chmodSync(outer, 0o711);
  onTestFinished(() => rmSync(outer, { recursive: true, force: true }));
  const folder = join(outer, 'project');
  mkdirSync(folder);
  const url = await ownDatabase(outer);
  const { client, stage } = await testBroker();
  tarball ??= packed();
  const { run, start, stop, log } = terminal(folder, ownEnvironment(outer));
  onTestFinished(() => stop());
  onTestFailed(
    () =>
      void process.stderr.write(`${log()}
`),
  );

  const ports = await Promise.all([3000, 3001, 3002, 3003].map(async (port) => [port, await freePort()] as const));
  const places = [
    ['postgres://postgres:postgres@127.0.0.1:5432', url],
    ['127.0.0.1:5432', new URL(url).host],
    ['http://127.0.0.1:4566', String(client.endpoint).replace(/\/$/, '')],
    ...ports.map(([page, here]) => [`PORT=${page}`, `PORT=${here}`] as const),
  ] as const;
  /** The page's own places are those of the reader's machine; here are others. */
  const placed = (text: string) => places.reduce((before, [page, here]) => before.replaceAll(page, here), text);
  const here = (script: string) =>
    placed(script)
      .replaceAll('./doorbell-0.1.0.tgz', String(tarball))
      .replaceAll('--stage shop', `--stage ${stage}`)
      .replaceAll('--stage market', `--stage ${stage}-market`);

  async function take(step: Step): Promise<void> {
    if (step.kind === 'file')
      writeFileSync(join(folder, step.name), step.name === 'env.sh' ? placed(step.text) : step.text);
    else if (step.kind === 'background') await start(step.script);
    else if (step.shows === null) await run(here(step.script));
    else if (step.script.startsWith('curl ')) await showing(step.script, step.shows);
    else expect(await run(here(step.script))).toSatisfy((printed) => isShown(printed, step.shows ?? ''), step.shows);
  }
  /** Asks again until it prints what the page shows: a view follows a moment later. */
  async function showing(script: string, shows: string): Promise<void> {
    const end = Date.now() + PATIENCE;
    await until(async () => {
      const printed = await run(here(script));
      if (Date.now() > end) throw new Error(`the page shows\n${shows}\nbut this is printed:\n${printed}`);
      return isShown(printed, shows);
    });
  }
  return {
    folder,
    run,
    stop,
    async follow(steps: readonly Step[]): Promise<void> {
      for (const step of steps) await take(step);
    },
  };
}
