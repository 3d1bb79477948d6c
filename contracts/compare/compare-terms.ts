import type { Contracts, ReleaseTerms } from './contracts.ts';
import type { Difference } from './difference.ts';
import { judge, notificationRules } from './rules.ts';
import { schemaChanges } from './schema-changes.ts';

type Bump = string | null;

/** Lists event types that were added or removed, with the consumers that they wake. Pure. */
export function compareEventTypes(before: ReleaseTerms, now: ReleaseTerms, allowedBy: Bump): Difference[] {
  const gone = before.eventTypes.filter((type) => !now.eventTypes.includes(type));
  const come = now.eventTypes.filter((type) => !before.eventTypes.includes(type));
  return [
    ...gone.map((type): Difference => {
      const woken = before.agreements.filter(({ wakesOn }) => wakesOn.includes(type)).map(({ name }) => name);
      const who = [...new Set(woken)].join(', ') || 'readers of histories';
      const why = 'queues hold it for 14 days and histories for ever, and it is no longer rung';
      return { where: `event type ${type}`, what: 'is gone', verdict: 'breaking', who, why, allowedBy };
    }),
    ...come.map((type): Difference => {
      const why = 'consumers can parse new types; it wakes those whose agreement names it';
      return {
        where: `event type ${type}`,
        what: 'is new',
        verdict: 'compatible',
        who: 'none',
        why,
        allowedBy: null,
      };
    }),
  ];
}

/** Lists problem codes that were added, removed or changed in meaning. Pure. */
export function compareProblems(before: ReleaseTerms, now: ReleaseTerms, allowedBy: Bump): Difference[] {
  const who = 'every client';
  const changed = Object.entries(before.problems).flatMap(([code, old]): Difference[] => {
    const where = `problem ${code}`;
    const fresh = now.problems[code];
    const why = 'clients that act on the code do the wrong thing';
    if (fresh === undefined) return [{ where, what: 'is gone', verdict: 'breaking', who, why, allowedBy }];
    if (fresh.status === old.status && fresh.retryable === old.retryable) return [];
    const meaning = ({ status, retryable }: typeof old) => `${status}, ${retryable ? 'retryable' : 'final'}`;
    const what = `is ${meaning(fresh)}; it was ${meaning(old)}`;
    return [{ where, what, verdict: 'breaking', who, why, allowedBy }];
  });
  const come = Object.keys(now.problems).filter((code) => before.problems[code] === undefined);
  return [...changed, ...come.map(newProblem)];
}

const newProblem = (code: string): Difference => {
  const why = 'a client that does not know a code takes the answer for an outage';
  return { where: `problem ${code}`, what: 'is new', verdict: 'compatible', who: 'none', why, allowedBy: null };
};

/** Lists the differences in the body of a notification, and in the names of topic and queues. Pure. */
export function compareMessages(before: Contracts, now: Contracts, allowedBy: Bump): Difference[] {
  const [old, fresh] = [before.notification, now.notification];
  const changes = schemaChanges({ schema: old, root: old }, { schema: fresh, root: fresh });
  const body = changes.map((change) =>
    judge(change, notificationRules, { place: 'notification', who: 'every consumer', allowedBy }),
  );
  const channels = Object.entries(before.messages.channels).flatMap(([name, { address }]): Difference[] => {
    const there = now.messages.channels[name]?.address;
    if (there === address) return [];
    const what = there === undefined ? 'is gone' : `is now called ${there}`;
    const why = 'programs set up with the old name get no messages';
    return [{ where: `queue or topic ${address}`, what, verdict: 'breaking', who: whose(name), why, allowedBy }];
  });
  return [...body, ...channels];
}

const whose = (channel: string) => (channel === 'topic' ? 'publisher' : channel.replace(/Queue$/, ''));
