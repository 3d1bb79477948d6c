import { type CheckInput, type CheckResult, error, warning } from '../finding.ts';

/** Checks that each agreement has a source and a consumer, each once. */
export function agreementLists({ expected: { agreementFaults } }: CheckInput): CheckResult {
  return [
    ...agreementFaults.errors.map((what) => error('agreements', what, 'Correct the lists, and deploy again.')),
    ...agreementFaults.warnings.map((what) =>
      warning('agreements', what, 'Add the consumer, or run it from where it lives.'),
    ),
  ];
}
