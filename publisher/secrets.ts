import {
  GetSecretValueCommand,
  SecretsManagerClient,
  type SecretsManagerClientConfig,
} from '@aws-sdk/client-secrets-manager';

/** Reads the text of a secret by its ARN. Rejects with the SDK's error, or with one that says that there is no text. */
export type ReadSecret = (arn: string) => Promise<string>;

/** Milliseconds, out of the few seconds that a caller waits for a function's first answer. */
const TIMEOUTS = { connectionTimeout: 2_000, requestTimeout: 3_000, throwOnRequestTimeout: true };

/** Opens Secrets Manager at the address that the SDK finds. */
export function openSecrets(config: SecretsManagerClientConfig = {}): ReadSecret {
  const client = new SecretsManagerClient({ requestHandler: TIMEOUTS, ...config });
  return async (arn) => {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: arn }));
    if (SecretString) return SecretString;
    throw new Error(`The secret ${arn} has no text: put the URL of the database into it as SecretString.`);
  };
}
