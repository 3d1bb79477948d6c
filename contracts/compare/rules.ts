import type { ChangeKind, SchemaChange } from './constraint-changes.ts';
import type { Difference, Verdict } from './difference.ts';

/** Meaning of a change: whether it breaks a user, why, and which one if it is not the reader or sender of the value. */
export type Rule = { readonly verdict: Verdict; readonly why: string; readonly who?: string };

/** Rules for every kind of change; an added field has two more kinds. */
export type Rules = Readonly<Record<ChangeKind | 'added-required' | 'added-to-closed', Rule>>;

const breaking = (why: string, who?: string): Rule => ({ verdict: 'breaking', why, ...(who !== undefined && { who }) });
const compatible = (why: string): Rule => ({ verdict: 'compatible', why });

const missing = 'readers find no value';
const unknownValue = 'it may have values that were never agreed on';
const refused = 'requests that were valid are refused';

/**
 * Rules for the shop of an agreement. Publisher and consumers are deployed one after the other, and shops were stored
 * under the old agreement. So neither side may accept less than the other sends
 * (docs/decisions/0022-breaking-change-gate.md).
 */
export const agreementRules: Rules = {
  removed: breaking(missing),
  'now-optional': breaking(missing),
  widened: breaking('its check refuses values that were never agreed on, and they end as dead letters'),
  changed: breaking('its check refuses values that were never agreed on, and they end as dead letters'),
  narrowed: breaking('shops stored before do not fit any more: each is answered by 500', 'publisher'),
  'now-required': breaking('shops stored before may lack it: each is answered by 500', 'publisher'),
  added: compatible('consumers cut off what they do not know; deploy the publisher first'),
  'added-required': compatible('consumers cut off what they do not know; deploy the publisher first'),
  'added-to-closed': breaking('the object is strict: its check refuses fields that it does not know'),
  opened: compatible('the same is sent as before'),
  closed: compatible('the same is sent as before'),
  default: compatible('the field is sent either way'),
};

/** Rules for the answers that clients read. Clients are told to ignore unknown fields. */
export const answerRules: Rules = {
  removed: breaking(missing),
  'now-optional': breaking(missing),
  widened: breaking(unknownValue),
  changed: breaking(unknownValue),
  narrowed: compatible('every value is one that came before'),
  'now-required': compatible('it came before, too'),
  added: compatible('clients pass over what they do not know'),
  'added-required': compatible('clients pass over what they do not know'),
  'added-to-closed': compatible('clients pass over what they do not know'),
  opened: compatible('clients pass over what they do not know'),
  closed: compatible('every value is one that came before'),
  default: compatible('the field is sent either way'),
};

/** Rules for the values that clients send: a body, a parameter. */
export const requestRules: Rules = {
  removed: breaking(refused),
  'now-optional': compatible('it may still be sent'),
  widened: compatible('what was valid still is'),
  changed: breaking(refused),
  narrowed: breaking(refused),
  'now-required': breaking(refused),
  added: compatible('requests without it are valid'),
  'added-required': breaking('requests without it are refused'),
  'added-to-closed': compatible('requests without it are valid'),
  opened: compatible('what was valid still is'),
  closed: breaking(refused),
  default: breaking('requests that leave it out mean something else'),
};

/** Rules for messages in queues: every consumer refuses an unknown key, and rings wait up to 14 days. */
export const notificationRules: Rules = {
  ...agreementRules,
  narrowed: answerRules.narrowed,
  'now-required': answerRules['now-required'],
};

/** Finds the meaning of a change for users of the contract. */
export function judge(
  { path, what, ...change }: SchemaChange,
  rules: Rules,
  { place, who, allowedBy }: { place: string; who: string; allowedBy: string | null },
): Difference {
  const rule = rules[caseOf(change, rules)];
  return {
    where: `${place} ${path}`.trim(),
    what,
    verdict: rule.verdict,
    who: rule.who ?? who,
    why: rule.why,
    allowedBy: rule.verdict === 'breaking' ? allowedBy : null,
  };
}

/** Finds the rule of an added field: first whether it is required, then whether the object refuses unknown fields. */
function caseOf({ kind, isRequired, isClosed }: Omit<SchemaChange, 'path' | 'what'>, rules: Rules): keyof Rules {
  if (kind !== 'added') return kind;
  if (isClosed && rules['added-to-closed'].verdict === 'breaking') return 'added-to-closed';
  return isRequired ? 'added-required' : 'added';
}
