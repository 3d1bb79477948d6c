/**
 * Reads credentials from the environment, where Lambda puts those of the function's role. It replaces the SDK's chain
 * of credentials (`@aws-sdk/credential-provider-node`) in bundles. The chain, which also tries files, single sign-on
 * and the machine, takes 135 of 447 KB, and 6 ms of CPU at each cold start.
 */
export const defaultProvider = () => async () => {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN } = process.env;
  if (!accessKeyId || !secretAccessKey)
    throw new Error(
      'AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY: missing; Lambda sets them from the role of the function',
    );
  return { accessKeyId, secretAccessKey, ...(AWS_SESSION_TOKEN && { sessionToken: AWS_SESSION_TOKEN }) };
};
