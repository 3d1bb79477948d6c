import { readValue } from '../../../infrastructure/aws/ask.ts';
import { topicOnlyByTls } from '../../../infrastructure/template/topic.ts';
import { aws, type CheckInput, type CheckResult, error, notChecked, warning } from '../finding.ts';
import type { PolicyStatement, TopicState } from '../state.ts';
import { accountOf, conditionsIn, isLike, isOf, many, named, refusesPlainText, whoIn } from './statements.ts';

/** Ring, or listen to rings; and let oneself or others do so. */
const ACTIONS = ['sns:Publish', 'sns:Subscribe', 'sns:SetTopicAttributes', 'sns:AddPermission'];
const BY_TLS = topicOnlyByTls.Action;

/** Nobody of another account may ring or listen, and nobody without TLS. What SNS itself gives a topic is well. */
export function topicPolicy(input: CheckInput): CheckResult {
  const topic = readValue(input.deployed.topic);
  const { topic: name } = input.expected.topology;
  if (topic === null) return null;
  if (topic.policy === null)
    return [notChecked(name, 'the service tells no policy of the topic', 'Ask the same of AWS.')];
  const statements = many(topic.policy.Statement);
  const open = statements.filter((each) => openedBy(each, statements, topic).length > 0);
  const takesPlainText = !(isSnsOwn(statements, topic) || BY_TLS.every((action) => isByTls(action, statements)));
  const silent = statements.filter(refusesAllRings);
  const remedy = mend(input, topic, [...open, ...silent]);
  return [
    ...silent.map((each) => error(name, `its policy refuses what ${whoIn(each)} publishes: nothing rings`, remedy)),
    ...open.map((each) => {
      const actions = openedBy(each, statements, topic).join(', ');
      return warning(name, `its policy lets ${whoIn(each)} do ${actions}`, remedy);
    }),
    ...(takesPlainText ? [warning(name, "its policy doesn't refuse what comes without TLS", remedy)] : []),
  ];
}

/** The policy without what is wrong in it, and with what is missing. */
function mend(input: CheckInput, { arn, policy }: TopicState, wrong: PolicyStatement[]): string {
  const kept = many(policy?.Statement).filter((each) => !wrong.includes(each) && each.Sid !== topicOnlyByTls.Sid);
  const right = { ...policy, Statement: [...kept, { ...topicOnlyByTls, Resource: arn }] };
  const set = `sns set-topic-attributes --topic-arn ${arn} --attribute-name Policy --attribute-value '${JSON.stringify(right)}'`;
  return aws(input, set);
}

/** What a statement lets others than this account do, and no statement refuses them. */
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

/** Keys that say of which account somebody is, by number or by ARN. */
const OF_ACCOUNT = /^aws:(source(owner|account|arn)|principal(account|arn))$/;

const areOf = (account: string) => (value: string) => value === account || accountOf(value) === account;

/** Whether a condition holds for this account only. With IfExists it holds for whoever says nothing, too. */
function isBound(statement: PolicyStatement, account: string): boolean {
  return conditionsIn(statement).some(
    ({ operator, key, values }) =>
      /^(Arn|String)(Equals|Like|EqualsIgnoreCase)$/.test(operator) &&
      OF_ACCOUNT.test(key) &&
      values.every(areOf(account)),
  );
}

/** Whether it speaks of this account's users and roles only, and not of a service. */
function isOwn({ Principal, NotPrincipal }: PolicyStatement, account: string): boolean {
  if (NotPrincipal !== undefined || typeof Principal !== 'object') return false;
  return Object.entries(Principal).every(([kind, who]) => kind === 'AWS' && many(who).every(areOf(account)));
}

/** Whether it refuses an action to all but this account, or some of it. */
function refusesOthers(statement: PolicyStatement, action: string, account: string): boolean {
  const [condition, ...more] = conditionsIn(statement);
  if (statement.Effect !== 'Deny' || named(statement.Principal) !== 'anybody' || !isOf(statement, action)) return false;
  if (condition === undefined) return true;
  const { operator, key, values } = condition;
  const isForOthers =
    /^(Arn|String)Not(Equals|Like|EqualsIgnoreCase)(IfExists)?$/.test(operator) && OF_ACCOUNT.test(key);
  return more.length === 0 && isForOthers && values.every(areOf(account));
}

const isByTls = (action: string, statements: PolicyStatement[]) =>
  statements.some((each) => refusesPlainText(each, action));

/** SNS gives each topic a policy of one statement: its owner may do everything. It says nothing of TLS. */
function isSnsOwn(statements: PolicyStatement[], { arn }: TopicState): boolean {
  const [only, ...more] = statements;
  if (only?.Effect !== 'Allow' || more.length > 0) return false;
  return conditionsIn(only).some(({ key }) => key === 'aws:sourceowner') && isBound(only, accountOf(arn));
}

const refusesAllRings = (statement: PolicyStatement) =>
  statement.Effect === 'Deny' &&
  named(statement.Principal) === 'anybody' &&
  isOf(statement, 'sns:Publish') &&
  statement.Condition === undefined;
