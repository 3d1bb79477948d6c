import { parts } from '../../../consumers/all.ts';
import type { Consumer } from '../../../consumers/runtime/define-consumer.ts';
import type { Environment } from '../../../contracts/environment/unknown.ts';
import type { ValuesOf } from '../../../contracts/environment/variable.ts';
import type { Agreement } from '../../../contracts/wire/agreement.ts';
import { readRun } from '../../start/home.ts';
import { readVariables } from '../../start/variables.ts';
import { readAgreements } from '../agreements-file.ts';
import { commandVariables } from '../variables.ts';
import { isAnyStated, refuseOther, unknownConsumer } from './find-system.ts';
import { UnknownConsumer } from './letter-places.ts';
import { findRunning } from './running.ts';
import { tellMix, tellStated } from './stated-address.ts';

/** Views to compare, and their source. `consumer` is null where only its agreement is known. */
export type VerifyTarget = {
  agreement: Agreement;
  consumer: Consumer | null;
  sourceUrl: string;
  token: string | undefined;
  views: string;
  /** URL of its running process, where it is known. */
  url?: string;
};

type Known = Pick<VerifyTarget, 'agreement' | 'consumer'>;
type Stated = ValuesOf<typeof commandVariables, 'views'>;

/** Options of `doorbell verify` and `doorbell audit` that choose what is compared. */
export type VerifyChoice = { consumer?: string; agreements?: string };

/**
 * Finds the views to compare: those of one consumer by the variables that are set, or else those of what runs in a
 * folder. Throws NotRunning, UnknownConsumer, or an Error about variables that are missing or contradict each other.
 */
export async function verifyTargets(
  home: string,
  environment: Environment,
  { consumer, agreements }: VerifyChoice,
): Promise<VerifyTarget[]> {
  const read = readVariables(commandVariables, 'views', environment);
  refuseOther(read.DOORBELL_CONSUMER, consumer);
  const known = agreements === undefined ? ours() : await knownBy(agreements);
  const chosen = choose(known, consumer ?? read.DOORBELL_CONSUMER, agreements);
  const isStated = isAnyStated(environment, 'DOORBELL_SOURCE_URL', 'DOORBELL_SOURCE_TOKEN', 'DOORBELL_VIEWS');
  if (!isStated) return chosen.map((each) => ofRun(each, home));
  const [only, ...more] = chosen;
  if (only !== undefined && more.length === 0) return [ofEnvironment(only, read, home)];
  throw new Error('DOORBELL_SOURCE_URL or DOORBELL_VIEWS is set: name the consumer of these addresses by --consumer.');
}

const ours = (): Known[] => parts.map(({ consumer }) => ({ consumer, agreement: consumer.agreement }));

/** Lists the consumers of a module. Of several versions of one, that of its consumer counts, or else the newest. */
async function knownBy(file: string): Promise<Known[]> {
  const { agreements, consumers } = await readAgreements(file);
  const names = [...new Set(agreements.map(({ name }) => name))];
  return names.map((name) => {
    const consumer = consumers.find(({ agreement }) => agreement.name === name);
    const newest = agreements.filter((each) => each.name === name).toSorted((a, b) => b.version - a.version)[0];
    return { consumer: consumer ?? null, agreement: consumer?.agreement ?? (newest as Agreement) };
  });
}

function choose(known: readonly Known[], name: string | undefined, file: string | undefined): readonly Known[] {
  const chosen = known.filter(({ agreement }) => name === undefined || agreement.name === name);
  if (chosen.length > 0) return chosen;
  const names = known.map(({ agreement }) => agreement.name).join(', ');
  if (file !== undefined) throw new UnknownConsumer(`--agreements has no agreement of ${name}, only of ${names}.`);
  throw new UnknownConsumer(
    `no consumer "${name}" in this repository. The consumers are ${names}. For another one, give its agreement by ` +
      '--agreements, and set DOORBELL_SOURCE_URL, DOORBELL_SOURCE_TOKEN and DOORBELL_VIEWS.',
  );
}

function ofRun(known: Known, home: string): VerifyTarget {
  const { run, secrets } = findRunning(home);
  const { name } = known.agreement;
  const place = run.consumers[name];
  if (place === undefined)
    throw new Error(unknownConsumer(run, name, 'DOORBELL_SOURCE_URL, DOORBELL_SOURCE_TOKEN and DOORBELL_VIEWS'));
  return {
    ...known,
    sourceUrl: run.publisherUrl,
    token: secrets.sourceTokens[name],
    views: place.views,
    url: place.url,
  };
}

function ofEnvironment(known: Known, read: Stated, home: string): VerifyTarget {
  const { DOORBELL_SOURCE_URL, DOORBELL_SOURCE_TOKEN, DOORBELL_VIEWS } = read;
  const { name } = known.agreement;
  const running = readRun(home);
  const place = running?.run.consumers[name];
  // The token of the running system is for its own publisher, and goes to no other.
  const own = place === undefined || DOORBELL_SOURCE_URL !== undefined ? undefined : running;
  if (DOORBELL_SOURCE_URL !== undefined) tellStated('DOORBELL_SOURCE_URL', DOORBELL_SOURCE_URL);
  if (DOORBELL_VIEWS !== undefined) tellStated('DOORBELL_VIEWS', DOORBELL_VIEWS);
  if (place !== undefined && DOORBELL_SOURCE_URL === undefined) tellMix('DOORBELL_SOURCE_URL');
  if (place !== undefined && DOORBELL_VIEWS === undefined) tellMix('DOORBELL_VIEWS');
  return {
    ...known,
    sourceUrl: DOORBELL_SOURCE_URL ?? own?.run.publisherUrl ?? missing('DOORBELL_SOURCE_URL', `the source of ${name}`),
    token: DOORBELL_SOURCE_TOKEN ?? own?.secrets.sourceTokens[name],
    views: DOORBELL_VIEWS ?? place?.views ?? missing('DOORBELL_VIEWS', `the views of ${name}`),
  };
}

function missing(variable: string, what: string): never {
  throw new Error(`${variable}: missing; give the address of ${what}`);
}
