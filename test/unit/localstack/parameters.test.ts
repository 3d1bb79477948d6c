import { describe, expect, test } from 'vitest';
import { consumerNames } from '../../../contracts/shops/agreements/all.ts';
import { functionsOf, templateOf } from '../../../localstack/infrastructure/template/template.ts';
import { logicalId } from '../../../localstack/infrastructure/template/values.ts';
import { codeValues } from '../../../localstack/operate/deploy/bundles.ts';
import { functionParameters } from '../../../localstack/operate/deploy/function-parameters.ts';
import { settingsOf, WrongParameters } from '../../../localstack/operate/deploy/parameters.ts';
import { sourceTokensOf } from '../../support/consumers.ts';

describe('parameters', () => {
  const definitions = {
    Stage: { Type: 'String', Description: 'Begins every name.', Default: 'doorbell' },
    Secret: { Type: 'String', Description: 'ARN of the secret.', AllowedPattern: '^arn:.+$' },
    Groups: { Type: 'String', Description: 'On or off.', Default: 'off', AllowedValues: ['on', 'off'] },
    Most: { Type: 'Number', Description: 'At once.', Default: 10, MinValue: 2, MaxValue: 1000 },
  } as const;
  const settings = (given: Record<string, string>, previous: Record<string, string> = {}) =>
    settingsOf(structuredClone(definitions) as never, { own: { Stage: 'prod' }, given, previous });

  test('are those that are given, then those of before, then the template’s own', () => {
    expect(settings({ Secret: 'arn:new', Most: '20' }, { Secret: 'arn:old', Groups: 'on', Gone: 'x' })).toEqual([
      { ParameterKey: 'Stage', ParameterValue: 'prod' },
      { ParameterKey: 'Secret', ParameterValue: 'arn:new' },
      { ParameterKey: 'Groups', UsePreviousValue: true },
      { ParameterKey: 'Most', ParameterValue: '20' },
    ]);
  });

  test.each([
    [{}, 'Secret is missing: ARN of the secret.'],
    [{ Secret: 'x' }, 'Secret must be of the form ^arn:.+$: ARN of the secret.'],
    [{ Secret: 'arn:a', Secrt: 'arn:b' }, 'Secrt is not a parameter; the parameters are Secret, Groups, Most'],
    [
      { Secret: 'arn:a', constructor: 'arn:b' },
      'constructor is not a parameter; the parameters are Secret, Groups, Most',
    ],
    [{ Secret: 'arn:a', Stage: 'x' }, 'Stage is set by the deployment itself'],
    [{ Secret: 'arn:a', Groups: 'yes' }, 'Groups must be one of on, off: On or off.'],
    [{ Secret: 'arn:a', Most: '1' }, 'Most must be a number from 2 to 1000: At once.'],
    [{ Secret: 'arn:a', Most: '' }, 'Most must be a number from 2 to 1000: At once.'],
  ])('%j are refused before anything is made', (given, text) => {
    expect(() => settings(given)).toThrow(WrongParameters);
    expect(() => settings(given)).toThrow(text);
    expect(() => settings(given)).toThrow('--parameter Name=Value');
  });
});

describe('what functions read of the parameters', () => {
  const digest = 'a1b2c3d4'.repeat(8);
  const secret = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:one-AbCdEf';
  const tokenParameter = (name: string) => `${logicalId(name)}SourceTokenSecretArn`;
  const good = {
    DatabaseSecretArn: secret,
    DatabaseAdminSecretArn: secret,
    ...Object.fromEntries(consumerNames.map((name) => [tokenParameter(name), secret])),
    SourceTokens: sourceTokensOf({}, digest),
    OperatorTokens: digest,
  };
  const specs = functionsOf();
  const { Parameters } = templateOf();
  const own = {
    Stage: 'prod',
    ...codeValues(
      'bucket',
      specs.map(({ name }) => ({ name, key: 'key' })),
    ),
  };
  const settings = (given: Record<string, string>, previous: Record<string, string>) =>
    settingsOf(Parameters, { own, given, previous }, functionParameters(specs));

  test('is every variable that a parameter can say', () => {
    const handed = Object.keys(functionParameters(specs)).filter((name) => name in Parameters);
    const expected = [
      ...consumerNames.map(tokenParameter),
      'DatabaseAdminSecretArn',
      'DatabaseCaSecretArn',
      'DatabaseReadSecretArn',
      'DatabaseSecretArn',
      'MessageGroups',
      'OperatorTokens',
      'RateLimit',
      'SourceTokens',
      'SourceUrl',
    ];
    expect(handed.toSorted()).toEqual(expected.toSorted());
  });

  test.each([
    [{ SourceTokens: good.SourceTokens.replace(`,ad=${digest}`, '') }, 'SourceTokens: no token for ad'],
    [{ SourceTokens: `${good.SourceTokens},nobody=${digest}` }, 'SourceTokens: nobody is no agreement (display'],
    [{ RateLimit: '9999999' }, 'RateLimit: requests a second and token, 1 to 1000000'],
    [{ DatabaseSecretArn: `${secret}:password::` }, 'DatabaseSecretArn: the ARN of a secret'],
  ])('%j would deploy, and no function would answer: refused, also where it was said before', (wrong, text) => {
    expect(() => settings({ ...good, ...wrong }, {})).toThrow(text);
    expect(() => settings({}, { ...good, ...wrong })).toThrow(WrongParameters);
  });

  test('may be left out where the template may', () => {
    expect(settings({ ...good, RateLimit: '' }, {})).toContainEqual({ ParameterKey: 'RateLimit', ParameterValue: '' });
    expect(settings({}, good)).toContainEqual({ ParameterKey: 'SourceTokens', UsePreviousValue: true });
  });
});
