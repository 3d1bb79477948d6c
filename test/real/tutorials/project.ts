import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { expect, onTestFailed, onTestFinished } from 'vitest';
import { startPostgres } from '../../../localstack/start/postgres/postgres.ts';
import { freePort } from '../../support/database-name.ts';
import { bareUrl } from '../../support/postgres-setup.ts';
import { root } from '../../support/sources.ts';
import { until } from '../../support/wait.ts';
import { isShown, type Step } from './page.ts';
import { terminal } from './programs.ts';

/** 30 s: a slow machine is no failure. */
const PATIENCE = 30_000;

/** Makes the tarball where the pages expect it: in a clone beside the folder of the page. */
function pack(folder: string): void {
  mkdirSync(folder);
  execFileSync('npm', ['pack', '--pack-destination', folder], { cwd: root, stdio: 'ignore' });
}

/** Takes the place of psql, which machines without PostgreSQL lack: URL, then any of -f FILE and -c STATEMENT. */
const PSQL = `#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import pg from '${join(root, 'node_modules/pg/lib/index.js')}';
const [connectionString, ...rest] = process.argv.slice(2);
const client = new pg.Client({ connectionString });
await client.connect();
while (rest.length > 0) {
  const [kind, given] = rest.splice(0, 2);
  await client.query(kind === '-f' ? readFileSync(given, 'utf8') : given);
}
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

/** A PostgreSQL of its own, since the pages make databases and roles. Its URL names no database. */
async function ownPostgres(folder: string) {
  const server = await startPostgres({ folder, password: 'postgres', settings: { fsync: 'off' } });
  return { url: bareUrl(server.url).replace(/\/postgres$/, ''), stop: () => server.stop() };
}

/** The ports that the pages name, for services, and for the broker. */
const PORTS = [3000, 3001, 3002, 3003, 3004, 4566];

/** Puts the places of this machine where a page has those of the reader's. A broker of its own is at `given`. */
async function placesHere(postgres: string, given: string | undefined) {
  const ports = new Map(await Promise.all(PORTS.map(async (port) => [port, await freePort()] as const)));
  const broker = given ?? `http://127.0.0.1:${ports.get(4566)}`;
  const places = new Map<string, string>([
    ['postgres://postgres:postgres@127.0.0.1:5432', postgres],
    ['127.0.0.1:5432', new URL(postgres).host],
    ['http://127.0.0.1:4566', broker.replace(/\/$/, '')],
    ...[...ports].map(([page, here]) => [`PORT=${page}`, `PORT=${here}`] as const),
  ]);
  // In one pass: a free port may begin with the digits of a page's port.
  const place = new RegExp(`(${[...places.keys()].map((page) => RegExp.escape(page)).join('|')})(?!\\d)`, 'g');
  const placed = (text: string) => text.replaceAll(place, (page) => places.get(page) ?? page);
  return { placed, brokerPort: String(ports.get(4566)) };
}

/**
 * A machine with PostgreSQL, an own path and the packed package, for the pages of a test file one after the other.
 */
export async function newMachine() {
  const outer = mkdtempSync(join(tmpdir(), 'doorbell-tutorial-'));
  chmodSync(outer, 0o711);
  pack(join(outer, 'doorbell'));
  const postgres = await ownPostgres(join(outer, 'pg'));
  const given = process.env['DOORBELL_TEST_BROKER'];
  const { placed, brokerPort } = await placesHere(postgres.url, given);
  const env = { ...ownEnvironment(outer), FAUXQS_PORT: brokerPort };
  // A stage of this run: a broker that is given has queues of others.
  const here = (script: string) => placed(script).replaceAll('--stage ', `--stage t${process.pid}-`);
  const isGiven = (script: string) => given !== undefined && script.includes('fauxqs');

  /** Opens the folder of a page, made at its first use. Its programs end with the test. */
  function open(name: string) {
    const folder = join(outer, name);
    mkdirSync(folder, { recursive: true });
    const { run, start, stop, log } = terminal(folder, env);
    onTestFinished(stop);
    onTestFailed(() => void process.stderr.write(`${log()}\n`));

    async function take(step: Step): Promise<void> {
      if (step.kind === 'stop') await stop();
      else if (step.kind === 'file') write(step);
      else if (step.kind === 'run') await show(here(step.script), step.shows);
      else if (!isGiven(step.script)) await start(step.script, step.shows && placed(step.shows));
    }
    function write({ name, text }: Step & { kind: 'file' }): void {
      writeFileSync(join(folder, name), name === 'env.sh' ? placed(text) : text);
    }
    async function show(script: string, shows: string | null): Promise<void> {
      if (shows !== null && script.startsWith('curl ')) return showing(script, shows);
      const printed = await run(script);
      if (shows !== null) expect(printed).toSatisfy(() => isShown(printed, shows), shows);
    }
    /** Asks again until it prints what the page shows: a view follows a moment later. */
    async function showing(script: string, shows: string): Promise<void> {
      const end = Date.now() + PATIENCE;
      await until(async () => {
        const printed = await run(script);
        if (Date.now() > end) throw new Error(`the page shows\n${shows}\nbut this is printed:\n${printed}`);
        return isShown(printed, shows);
      });
    }
    return {
      run,
      async follow(steps: readonly Step[]): Promise<void> {
        for (const step of steps) await take(step);
      },
    };
  }
  async function remove(): Promise<void> {
    await postgres.stop();
    rmSync(outer, { recursive: true, force: true });
  }
  return { open, remove };
}
