import { expect, test } from 'vitest';
import { agreements } from '../../../contracts/shops/agreements/all.ts';
import { functionsOf, templateOf } from '../../../localstack/infrastructure/template/template.ts';
import { logicalId } from '../../../localstack/infrastructure/template/values.ts';
import { propertiesOf, resourcesOf, where } from '../../support/template.ts';

const whole = templateOf();
const names = agreements.map(({ name }) => name);

test('alarms watch every queue, every function, the troubles of every consumer and the relay, whose silence is an alarm', () => {
  const alarms = resourcesOf(whole, 'AWS::CloudWatch::Alarm').map(([id]) => id);
  const ofConsumer = (name: string) => [
    `${logicalId(name)}OldMessagesAlarm`,
    `${logicalId(name)}DeadLettersAlarm`,
    `${logicalId(name)}UndeliveredAlarm`,
    `${logicalId(name)}FaultsAlarm`,
  ];
  const ofFunctions = functionsOf().map(({ name }) => `${logicalId(name)}ErrorsAlarm`);
  expect(alarms).toEqual(expect.arrayContaining([...names.flatMap(ofConsumer), ...ofFunctions]));
  expect(propertiesOf(whole, 'RelayLagAlarm')).toMatchObject({
    Namespace: 'Doorbell',
    MetricName: 'RelayLag',
    Dimensions: [{ Name: 'Stage', Value: { Ref: 'Stage' } }],
    TreatMissingData: 'breaching',
  });
  // A page of HTML, other content under the same version, a store that is full: one is enough.
  for (const name of names)
    expect(propertiesOf(whole, `${logicalId(name)}FaultsAlarm`)).toMatchObject({
      Namespace: 'Doorbell',
      MetricName: 'Faults',
      Dimensions: [
        { Name: 'Stage', Value: { Ref: 'Stage' } },
        { Name: 'Consumer', Value: name },
      ],
      Statistic: 'Sum',
      Threshold: 0,
      EvaluationPeriods: 1,
      TreatMissingData: 'notBreaching',
    });
  for (const id of alarms)
    expect(propertiesOf(where(true, whole), id).AlarmActions).toEqual([{ Ref: 'AlarmTopicArn' }]);
});
