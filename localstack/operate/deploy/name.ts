/** A stage's stack. */
export const stackName = (stage: string): string => (stage === 'doorbell' ? stage : `doorbell-${stage}`);
