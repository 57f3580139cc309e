/** What names must look like, wherever they come from: settings, the input of a workflow, a call of the platform. */
import { z } from 'zod';

/** The keys that OutSystems gives to applications and publishes; compared without case. */
export const guid = () =>
  z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, { error: 'expected a GUID' });

/** What a URL path can carry as one segment. @param error the sentence for what it can't */
export const urlSegment = (error: string) => z.string().regex(/^(?!\.{1,2}$)[A-Za-z0-9_.~-]{1,100}$/, { error });

/** A role to be assumed: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html */
export const iamRole = () =>
  z.strictObject({
    arn: z.string().regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/, { error: 'expected the ARN of an IAM role' }),
    externalId: z.string().min(2).max(1224).optional(),
  });
