import { readValue } from '../../../infrastructure/aws/ask.ts';
import { topicOnlyByTls } from '../../../infrastructure/template/topic.ts';
import { aws, type CheckInput, type CheckResult, error, notChecked, warning } from '../finding.ts';
import type { PolicyStatement, TopicState } from '../state.ts';
import { ANYONE, accountOf, conditionsIn, isLike, isOf, many, named, refusesPlainText, whoIn } from './statements.ts';

/** Actions that ring, that subscribe, or that give the right to do so. */
const ACTIONS = ['sns:Publish', 'sns:Subscribe', 'sns:SetTopicAttributes', 'sns:AddPermission'];
const BY_TLS = topicOnlyByTls.Action;

/** Checks that no other account may publish or subscribe, and none without TLS. The default policy of SNS passes. */
export function topicPolicy(input: CheckInput): CheckResult {
  const topic = readValue(input.deployed.topic);
  const { topic: name } = input.expected.topology;
  if (topic === null) return null;
  if (topic.policy === null)
    return [notChecked(name, 'the service returns no policy of the topic', 'Run the doctor against AWS.')];
  const statements = many(topic.policy.Statement);
  const open = statements.filter((each) => openedBy(each, statements, topic).length > 0);
  const takesPlainText = !(isSnsOwn(statements, topic) || BY_TLS.every((action) => isByTls(action, statements)));
  const silent = statements.filter(refusesAllRings);
  const remedy = corrected(input, topic, [...open, ...silent]);
  return [
    ...silent.map((each) => error(name, `its policy refuses to let ${whoIn(each)} publish: no ring is sent`, remedy)),
    ...open.map((each) => {
      const actions = openedBy(each, statements, topic).join(', ');
      return warning(name, `its policy allows ${actions} to ${whoIn(each)}`, remedy);
    }),
    ...(takesPlainText ? [warning(name, 'its policy does not refuse requests without TLS', remedy)] : []),
  ];
}

/** Writes the command for a corrected policy: without the wrong statements, and with the TLS statement. */
function corrected(input: CheckInput, { arn, policy }: TopicState, wrong: PolicyStatement[]): string {
  const kept = many(policy?.Statement).filter((each) => !wrong.includes(each) && each.Sid !== topicOnlyByTls.Sid);
  const right = { ...policy, Statement: [...kept, { ...topicOnlyByTls, Resource: arn }] };
  const set = `sns set-topic-attributes --topic-arn ${arn} --attribute-name Policy --attribute-value '${JSON.stringify(right)}'`;
  return aws(input, set);
}

/** Lists the actions that a statement allows to other accounts and that no other statement refuses. */
function openedBy(statement: PolicyStatement, all: PolicyStatement[], { arn }: TopicState): string[] {
  const account = accountOf(arn);
  if (statement.Effect !== 'Allow' || !isAbout(statement, arn)) return [];
  if (isBound(statement, account) || isOwn(statement, account)) return [];
  return ACTIONS.filter(
    (action) => isOf(statement, action) && !all.some((each) => refusesOthers(each, action, account)),
  );
}

const isAbout = ({ Resource }: PolicyStatement, arn: string) =>
  Resource === undefined || many(Resource).some((pattern) => isLike(pattern, arn));

/** Condition keys that name the account of the caller, by number or by ARN. */
const OF_ACCOUNT = /^aws:(source(owner|account|arn)|principal(account|arn))$/;

const areOf = (account: string) => (value: string) => value === account || accountOf(value) === account;

/** Tells whether a condition holds for this account only. With IfExists it also holds for callers without the key. */
function isBound(statement: PolicyStatement, account: string): boolean {
  return conditionsIn(statement).some(
    ({ operator, key, values }) =>
      /^(Arn|String)(Equals|Like|EqualsIgnoreCase)$/.test(operator) &&
      OF_ACCOUNT.test(key) &&
      values.every(areOf(account)),
  );
}

/** Tells whether a statement names only users and roles of this account, and no service. */
function isOwn({ Principal, NotPrincipal }: PolicyStatement, account: string): boolean {
  if (NotPrincipal !== undefined || typeof Principal !== 'object') return false;
  return Object.entries(Principal).every(([kind, who]) => kind === 'AWS' && many(who).every(areOf(account)));
}

/** Tells whether a statement refuses an action to every other account. */
function refusesOthers(statement: PolicyStatement, action: string, account: string): boolean {
  const [condition, ...more] = conditionsIn(statement);
  if (statement.Effect !== 'Deny' || named(statement.Principal) !== ANYONE || !isOf(statement, action)) return false;
  if (condition === undefined) return true;
  const { operator, key, values } = condition;
  const isForOthers =
    /^(Arn|String)Not(Equals|Like|EqualsIgnoreCase)(IfExists)?$/.test(operator) && OF_ACCOUNT.test(key);
  return more.length === 0 && isForOthers && values.every(areOf(account));
}

const isByTls = (action: string, statements: PolicyStatement[]) =>
  statements.some((each) => refusesPlainText(each, action));

/** Tells whether this is the default policy of SNS: one statement, the owner may do everything, no rule on TLS. */
function isSnsOwn(statements: PolicyStatement[], { arn }: TopicState): boolean {
  const [only, ...more] = statements;
  if (only?.Effect !== 'Allow' || more.length > 0) return false;
  return conditionsIn(only).some(({ key }) => key === 'aws:sourceowner') && isBound(only, accountOf(arn));
}

const refusesAllRings = (statement: PolicyStatement) =>
  statement.Effect === 'Deny' &&
  named(statement.Principal) === ANYONE &&
  isOf(statement, 'sns:Publish') &&
  statement.Condition === undefined;
