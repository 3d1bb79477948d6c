import type { OpenApiDocument, OperationObject } from '../documents/openapi.ts';
import { type AgreementPair, agreementId } from './compare-agreements.ts';
import type { Difference } from './difference.ts';
import { answerSchema, problemCodes, requestSchema } from './operation-schemas.ts';
import { answerRules, judge, requestRules } from './rules.ts';
import { schemaChanges } from './schema-changes.ts';

/** Agreements that an API is compared with: they own the operations under their paths. */
export type ApiTerms = {
  readonly pairs: readonly AgreementPair[];
  /** Paths of new agreements, which are listed as differences of their own. */
  readonly newPaths: readonly string[];
  readonly releaseBump: string | null;
};

/**
 * An operation of a document. `key` finds its counterpart in the other document, `owner` is the agreement that it
 * belongs to.
 */
type Located = {
  key: string;
  path: string;
  title: string;
  operation: OperationObject;
  document: OpenApiDocument;
  owner: Owner | undefined;
};
type Owner = { id: string; path: string; pair: AgreementPair };
type Said = { place: string; who: string; allowedBy: string | null };

/**
 * Lists the differences between two versions of an API, operation by operation. Agreed shops are compared with the
 * agreements. Pure.
 */
export function compareApi(
  before: OpenApiDocument,
  now: OpenApiDocument,
  { pairs, newPaths, releaseBump }: ApiTerms,
): Difference[] {
  const ownersOf = (side: 'before' | 'now') =>
    pairs.flatMap((pair): Owner[] => {
      const agreement = pair[side];
      return agreement === undefined ? [] : [{ id: agreementId(pair.before), path: agreement.path, pair }];
    });
  const old = locate(before, ownersOf('before'));
  const fresh = locate(now, ownersOf('now'));
  const saidOf = ({ title, operation, document, owner }: Located): Said => ({
    place: title,
    who: owner?.pair.before.name ?? clientsOf(operation, document),
    allowedBy: owner === undefined ? releaseBump : owner.pair.bump,
  });
  const isNew = ({ key }: Located) => !old.some((each) => each.key === key);
  const come = fresh.filter((each) => isNew(each) && !newPaths.some((path) => isUnder(each.path, path)));
  return [
    ...old.flatMap((each) =>
      compareOperation(
        each,
        fresh.find(({ key }) => key === each.key),
        saidOf(each),
      ),
    ),
    ...come.map((each) => newOperation(saidOf(each))),
    ...compareProblemForm(before, now, releaseBump),
  ];
}

function locate(document: OpenApiDocument, owners: readonly Owner[]): Located[] {
  return Object.entries(document.paths).flatMap(([path, methods]) => {
    const form = path.replaceAll(/\{\w+\}/g, '{}');
    const under = owners.filter((owner) => isUnder(path, owner.path));
    const longest = Math.max(0, ...under.map((owner) => owner.path.length));
    const mine = under.filter((owner) => owner.path.length === longest);
    return Object.entries(methods).flatMap(([method, operation]) => {
      const title = `${method.toUpperCase()} ${path}`;
      const plain: Located = { key: `${method} ${form}`, path, title, operation, document, owner: undefined };
      const owned = mine.map((owner): Located => {
        return { ...plain, key: `${method} <${owner.id}>${form.slice(longest)}`, owner };
      });
      return owned.length > 0 ? owned : [plain];
    });
  });
}

const isUnder = (path: string, above: string) => path === above || path.startsWith(`${above}/`);

const clientsByTag: Record<string, string> = { commands: 'command clients', history: 'operators' };

function clientsOf({ tags: [tag = ''] }: OperationObject, { info }: OpenApiDocument): string {
  return clientsByTag[tag] ?? `clients of ${info.title}`;
}

function compareOperation(old: Located, fresh: Located | undefined, said: Said): Difference[] {
  const { place, who, allowedBy } = said;
  // An agreement that is gone is listed as one difference of its own.
  if (fresh === undefined && old.owner?.pair.now === undefined && old.owner !== undefined) return [];
  if (fresh === undefined)
    return [{ where: place, what: 'is gone', verdict: 'breaking', who, why: 'it answers 404', allowedBy }];
  return [
    ...compareTokens(old, fresh, said),
    ...compareRequests(old, fresh, said),
    ...compareAnswers(old, fresh, said),
  ];
}

const newOperation = ({ place, who }: Said): Difference => {
  return { where: place, what: 'is new', verdict: 'compatible', who, why: 'it has no users yet', allowedBy: null };
};

function compareTokens(old: Located, fresh: Located, { place, who, allowedBy }: Said): Difference[] {
  const [was, is] = [old, fresh].map(({ operation }) => operation.security.flatMap(Object.keys).join());
  if (was === is) return [];
  if (is === '') {
    const why = 'a request with a token is still accepted';
    return [{ where: place, what: 'needs no token now', verdict: 'compatible', who, why, allowedBy: null }];
  }
  const what = `needs the token of ${is} now`;
  return [{ where: place, what, verdict: 'breaking', who, why: 'requests without it are refused', allowedBy }];
}

function compareRequests(old: Located, fresh: Located, said: Said): Difference[] {
  const changes = schemaChanges(
    { schema: requestSchema(old.operation), root: old.document },
    { schema: requestSchema(fresh.operation), root: fresh.document },
  );
  return changes.map((change) => judge(change, requestRules, said));
}

function compareAnswers(old: Located, fresh: Located, said: Said): Difference[] {
  const changes = schemaChanges(
    { schema: answerSchema(old.operation, old.document), root: old.document },
    { schema: answerSchema(fresh.operation, fresh.document), root: fresh.document },
  );
  const own = old.owner === undefined ? changes : changes.filter(({ path }) => !/\bresource(?=[.[])/.test(path));
  return [...own.map((change) => judge(change, answerRules, said)), ...compareRefusals(old, fresh, said)];
}

function compareRefusals(old: Located, fresh: Located, { place, who, allowedBy }: Said): Difference[] {
  const [were, are] = [old, fresh].map(({ operation, document }) => problemCodes(operation, document));
  const come = are?.filter((code) => !were?.includes(code)) ?? [];
  const gone = were?.filter((code) => !are?.includes(code)) ?? [];
  const why = 'a client that does not know a code takes the answer for an outage';
  const asked = 'a client that acts on it gets another code';
  return [
    ...come.map((code): Difference => {
      return { where: place, what: `may say ${code} now`, verdict: 'compatible', who, why, allowedBy: null };
    }),
    ...gone.map((code): Difference => {
      return { where: place, what: `never says ${code} now`, verdict: 'breaking', who, why: asked, allowedBy };
    }),
  ];
}

/** Compares the form of problem documents, which is the same for every refusal. */
function compareProblemForm(before: OpenApiDocument, now: OpenApiDocument, allowedBy: string | null): Difference[] {
  const [schema, other] = [before.components.schemas?.Problem, now.components.schemas?.Problem];
  if (schema === undefined || other === undefined) return [];
  const changes = schemaChanges({ schema, root: before }, { schema: other, root: now });
  const said = { place: `problem documents of ${before.info.title}`, who: 'every client', allowedBy };
  return changes.map((change) => judge(change, answerRules, said));
}
