/** `notifications:` of the settings: who is told what happens to deployments, and what is wanted of people. */
import { z } from 'zod';
import { addressOrReference, secretReference } from '../conditions';
import { iamRole } from '../identifiers';

/** What can be told. */
export const newsKinds = ['started', 'waits', 'sick', 'holds', 'shifted', 'completed', 'rolledBack', 'failed'] as const;
export type NewsKind = (typeof newsKinds)[number];

const name = z
  .string()
  .regex(/^[A-Za-z0-9_.-]{1,50}$/, { error: 'expected a name of letters, digits, "_", "." and "-"' });

const common = {
  /** It stands in logs and in Temporal, and is nobody else's. */
  name,
  /** Default: all of them. */
  zones: z.array(name).min(1).optional(),
  applications: z.array(z.string().min(1).max(200)).min(1).optional(),
  events: z
    .array(z.enum(newsKinds))
    .min(1)
    .default([...newsKinds]),
};

const channel = z.discriminatedUnion('kind', [
  /** JSON, signed as the Standard Webhooks say (https://www.standardwebhooks.com). */
  z.strictObject({ ...common, kind: z.literal('webhook'), url: addressOrReference, secret: secretReference }),
  /** An incoming webhook of Slack, or of what takes its messages, such as Mattermost. */
  z.strictObject({ ...common, kind: z.literal('slack'), url: addressOrReference }),
  /** A workflow of Teams that starts when a webhook request is received, and posts the card. */
  z.strictObject({ ...common, kind: z.literal('teams'), url: addressOrReference }),
  z.strictObject({
    ...common,
    kind: z.literal('sns'),
    topic: z.string().regex(/^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}$/, {
      error: 'expected the ARN of a topic that is no FIFO topic',
    }),
    role: iamRole().optional(),
  }),
  z.strictObject({
    ...common,
    kind: z.literal('eventBridge'),
    bus: z.string().regex(/^arn:aws[a-z-]*:events:[a-z0-9-]+:\d{12}:event-bus\/[\w./-]{1,256}$/, {
      error: 'expected the ARN of an event bus',
    }),
    role: iamRole().optional(),
  }),
]);
export type Channel = z.infer<typeof channel>;

const links = z
  .strictObject({
    /** Where people open the Temporal UI, e.g. https://temporal.example.com. */
    temporalUi: z
      .url({ protocol: /^https?$/, error: 'expected an address such as https://temporal.example.com' })
      .optional(),
  })
  .prefault({});

export const notifications = z
  .strictObject({
    channels: z
      .array(channel)
      .max(20)
      .refine((channels) => new Set(channels.map((one) => one.name)).size === channels.length, {
        error: 'expected channels of different names',
      })
      .default([]),
    /** Where buttons lead to. */
    links,
  })
  .prefault({});
export type Notifications = z.infer<typeof notifications>;
