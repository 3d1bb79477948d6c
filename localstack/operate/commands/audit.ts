import { Command } from 'commander';
import { parts } from '../../../consumers/all.ts';
import { createSourceClient } from '../../../consumers/runtime/source/client.ts';
import { systemClock } from '../../../consumers/runtime/system.ts';
import { terminal } from '../../terminal.ts';
import { type AuditOptions, type AuditReport, auditConsumer, isClean, repairFindings } from '../audit/audit.ts';
import { auditText, type ConsumerAudit, findingTexts } from './audit-print.ts';
import { countedHttp } from './counted-http.ts';
import { readNumber } from './replay-options.ts';
import { exit, interruptible } from './running.ts';
import { targetsFor } from './verify.ts';
import type { VerifyChoice, VerifyTarget } from './verify-targets.ts';
import { readViews, repairViews } from './views.ts';

type Options = VerifyChoice & { repair?: boolean; json?: boolean; sample: number; seed?: number; wait: number };

/** 1,000: where none of them differs, fewer than 0.3 % of all do, with 95 % certainty. */
const SAMPLE = 1_000;
/** Comparisons of a view that differs. After 5, and 8 s, the difference is not a change on its way any more. */
const TRIES = 5;
const SECONDS = 2;

/** Makes `doorbell audit`, which compares digests of source and views. Exits 1 if a view differs after all. */
export function auditCommand(): Command {
  return new Command('audit')
    .description(
      'compare views with their source by digests, and a sample of contents; in seconds where verify takes minutes',
    )
    .option('--consumer <name>', 'only the views of this consumer')
    .option('--repair', 'look at what differs, write it, and compare it again')
    .option('--sample <views>', 'compare the contents of so many views drawn by chance, 0 for none', readSample, SAMPLE)
    .option('--seed <number>', 'draw the same sample as the audit that printed this number', readNumber(4_294_967_295))
    .option('--wait <seconds>', `the time between ${TRIES} comparisons of what differs`, readNumber(600), SECONDS)
    .option('--agreements <file>', 'the module that exports its consumer, if this repository does not know it')
    .option('--json', 'print one JSON object for each consumer')
    .action(audit);
}

const readSample = (text: string): number => (text === '0' ? 0 : readNumber(1_000_000_000)(text));

async function audit(options: Options, command: Command): Promise<void> {
  const { home } = command.optsWithGlobals<{ home: string }>();
  const seed = options.seed ?? 1 + Math.floor(systemClock.random() * 1_000_000);
  const patience: AuditOptions = { sample: options.sample, seed, tries: TRIES, wait: options.wait * 1_000 };
  const audits: ConsumerAudit[] = [];
  for (const target of await targetsFor(home, options, command))
    audits.push({
      consumer: target.agreement.name,
      report: await auditOne(target, patience, options, interruptible()),
    });
  if (options.json) for (const each of audits) terminal.line(JSON.stringify({ schemaVersion: 1, ...flat(each) }));
  else terminal.line([auditText(audits), ...findingTexts(audits)].join('\n'));
  if (!audits.every(({ report }) => isClean(report))) process.exitCode = exit.failed;
}

const flat = ({ consumer, report }: ConsumerAudit) => ({ consumer, clean: isClean(report), ...report });

async function auditOne(
  target: VerifyTarget,
  patience: AuditOptions,
  options: Options,
  signal: AbortSignal,
): Promise<AuditReport> {
  const { agreement, consumer, sourceUrl, token, views } = target;
  if (consumer === null) tellVersionsOnly(agreement.name, options);
  const { http, requests } = countedHttp();
  const source = createSourceClient(agreement, { url: sourceUrl, token, clock: systemClock, http });
  const known = { consumer, source, clock: systemClock, requests, signal };
  try {
    if (consumer === null || !options.repair) {
      const store = await readViews(views);
      return await auditConsumer({ ...known, store }, patience).finally(store.close);
    }
    const indexes = parts.find((part) => part.consumer === consumer)?.indexes ?? null;
    const store = await repairViews(views, consumer, indexes);
    const deps = { ...known, consumer, store };
    return await repairFindings(await auditConsumer(deps, patience), deps, patience).finally(store.close);
  } finally {
    await source.close();
  }
}

function tellVersionsOnly(name: string, { repair }: Options): void {
  const how = 'export the consumer (defineConsumer) from --agreements, too.';
  if (repair) throw new Error(`${name}: a repair needs the projection: ${how}`);
  terminal.trouble(
    `${name}: only versions are compared. An older one may be right, if no event since wakes the consumer. ` +
      `To compare contents, ${how}`,
  );
}
