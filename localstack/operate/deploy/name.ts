/** Names the stack of a stage. */
export const stackName = (stage: string): string => (stage === 'doorbell' ? stage : `doorbell-${stage}`);
