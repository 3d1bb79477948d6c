import { display } from '../../../consumers/display/consumer.ts';
import { createSourceClient, type SourceClient } from '../../../consumers/runtime/source/client.ts';
import { systemClock } from '../../../consumers/runtime/system.ts';
import { readSqliteViewStore, repairSqliteViewStore } from '../../../consumers/stores/sqlite/store.ts';
import { type AuditReport, auditConsumer, repairFindings } from '../../../localstack/operate/audit/audit.ts';
import { countedHttp } from '../../../localstack/operate/commands/counted-http.ts';
import { verifyConsumer } from '../../../localstack/operate/verify/verify-consumer.ts';
import { runBench } from '../run-bench.ts';
import { openStage, type Stage, type World } from './stage.ts';

/**
 * `npm run bench -- audit`: a million views with a hundred differences are compared by `audit`, beside `verify`. Both
 * wait as their commands do: four times, for 2 s and for 1 s.
 */
type Result = Times & { seconds: number; waited: number; requests: number } & Outcome;
/** Seconds of waiting for the source: for all answers, and for the first one, which adds up all resources. */
type Times = { source: number; first: number };
type Outcome = { found: number; left: number; wrong: number };
type Run = { shops: number; subject: 'audit' | 'audit --repair' | 'verify' };

const entriesOf = (shops: number) =>
  (['audit', 'audit --repair', 'verify'] as const).map((subject) => ({ subject, run: { shops, subject } }));

/** 25 of 100 are views above their source, which no repair lowers. */
const EXPECTED = { found: 100, left: 25 };

/** Nothing stops a run. */
const { signal } = new AbortController();

await runBench<Stage, Run, Result>({
  bench: 'audit',
  workloads: { small: entriesOf(20_000), million: entriesOf(1_000_000) },
  standard: ['million'],
  runs: 1,
  units: { seconds: 's', waited: 's', source: 's', first: 's', requests: '1', found: '1', left: '1' },
  brief: ({ seconds, requests }) => `${seconds.toFixed(1)} s, ${requests} requests`,
  verdict: { title: 'outcome', of: (runs) => (runs.some(isWrong) ? 'WRONG' : 'all and only those') },
  against: () => 'verify',
  open: openStage,
  measure,
  isWrong,
});

function isWrong({ wrong }: Result): boolean {
  return wrong > 0;
}

async function measure(stage: Stage, { shops, subject }: Run): Promise<Result> {
  const world = await stage.world(shops);
  const { http, requests } = countedHttp();
  const times: Times = { source: 0, first: 0 };
  const client = createSourceClient(display.agreement, { url: world.url, clock: systemClock, http });
  const source = timed(client, times);
  const begun = performance.now();
  const waits = { ms: 0 };
  const clock = {
    ...systemClock,
    sleep(ms: number, signal: AbortSignal) {
      waits.ms += ms;
      return systemClock.sleep(ms, signal);
    },
  };
  const given = { source, clock, requests };
  const outcome = await (subject === 'verify' ? verify(world, given) : audit(world, subject, given));
  await client.close();
  const seconds = (performance.now() - begun) / 1_000;
  return { seconds, waited: waits.ms / 1_000, ...times, requests: requests(), ...outcome };
}

type Source = Pick<SourceClient<unknown>, 'digests' | 'look' | 'page'>;

/** Adds up how long the source takes. Neither command asks for two things at once. */
function timed(source: Source, times: Times): Source {
  async function time<Answer>(asking: Promise<Answer>): Promise<Answer> {
    const begun = performance.now();
    const answer = await asking;
    const seconds = (performance.now() - begun) / 1_000;
    times.source += seconds;
    times.first ||= seconds;
    return answer;
  }
  return {
    digests: (...given) => time(source.digests(...given)),
    look: (...given) => time(source.look(...given)),
    page: (...given) => time(source.page(...given)),
  };
}

type Given = {
  source: Source;
  clock: typeof systemClock;
  requests: () => number;
};

async function audit(world: World, subject: string, given: Given): Promise<Outcome> {
  const options = { sample: 1_000, seed: 7, tries: 5, wait: 2_000 };
  const store = repairSqliteViewStore<unknown>(subject === 'audit' ? world.views : world.copy());
  const deps = { ...given, consumer: display as never, store, signal };
  const report = await auditConsumer(deps, options);
  const ended = subject === 'audit' ? report : await repairFindings(report, deps, options);
  store.close();
  const left = ended.repair?.left.length ?? ended.findings.length;
  const isRight = isAllOf(report) && left === (ended.repair === null ? EXPECTED.found : EXPECTED.left);
  return { found: report.findings.length, left, wrong: isRight ? 0 : 1 };
}

/** Tells whether a report has 25 findings of each kind, and the right ones. */
function isAllOf({ findings, failures }: AuditReport): boolean {
  const versions = { older: [5, 4], missing: [5, null], above: [5, 9], ghost: [null, 3], content: [] };
  const isRight = findings.every(
    ({ kind, source, view }) => versions[kind][0] === source && versions[kind][1] === view,
  );
  const counts = Object.groupBy(findings, ({ kind }) => kind);
  const isEach = (['older', 'missing', 'above', 'ghost'] as const).every((kind) => counts[kind]?.length === 25);
  return isRight && isEach && findings.length === EXPECTED.found && failures.length === 0;
}

async function verify(world: World, { source, clock }: Given): Promise<Outcome> {
  const store = readSqliteViewStore<unknown>(world.views);
  const pause = () => clock.sleep(1_000, signal);
  const { different, failed } = await verifyConsumer({ consumer: display as never, source, store, pause, signal });
  store.close();
  return { found: different, left: different, wrong: different === EXPECTED.found && failed === 0 ? 0 : 1 };
}
