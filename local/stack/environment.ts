/** The environment of a program that works on a stack as an operator would: its AWS, its credentials and its Temporal server. */
import type { StackReport } from './report';

export const awsEnvironment = ({ aws }: StackReport): Record<string, string> => ({
  AWS_ENDPOINT_URL: aws.endpoint,
  AWS_ACCESS_KEY_ID: aws.accessKeyId,
  AWS_SECRET_ACCESS_KEY: aws.secretAccessKey,
  AWS_REGION: aws.region,
});

export const temporalEnvironment = ({ temporal }: StackReport): Record<string, string> => ({
  TEMPORAL_ADDRESS: temporal.address,
  TEMPORAL_NAMESPACE: temporal.namespace,
});
