/** News to a topic of SNS and to a bus of EventBridge. */
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { eventsOf, formatPlain, formatSubject } from '../../planning/news/messages';
import type { News } from '../../planning/news/news';
import type { Channel } from '../../settings/notifications/schema';
import { credentialsOf } from '../aws/client/clients';
import { requestTimeoutMs } from '../aws/client/time-limits';
import type { Sent } from './post';

type Of<Kind extends Channel['kind']> = Extract<Channel, { kind: Kind }>;

/** People with an e-mail subscription read the text; programs take the attributes `zone`, `application` and `kind` to filter by. */
export async function publish({ topic, role }: Of<'sns'>, news: readonly News[]): Promise<Sent> {
  const client = new SNSClient(options(regionIn(topic), role));
  const [first] = news;
  const attribute = (value: string) => ({ DataType: 'String', StringValue: value });
  return await settled(
    client.send(
      new PublishCommand({
        TopicArn: topic,
        Subject: formatSubject(news),
        Message: formatPlain(news),
        ...(first &&
          news.length === 1 && {
            MessageAttributes: {
              zone: attribute(first.zone),
              application: attribute(first.application),
              kind: attribute(first.kind),
            },
          }),
      }),
    ),
  ).finally(() => client.destroy());
}

/** An event each, of the source `cutover` and the type `Cutover <kind>`; ten to a request is what EventBridge takes. */
export async function putEvent({ bus, role }: Of<'eventBridge'>, news: readonly News[]): Promise<Sent> {
  const client = new EventBridgeClient(options(regionIn(bus), role));
  const told = news.slice(0, 9).map((one) => ({ type: `Cutover ${one.kind}`, detail: one as object, at: one.at }));
  const rest = news.slice(9);
  const entries = [
    ...told,
    ...(rest.length > 0 ? [{ type: 'Cutover news', detail: eventsOf(rest), at: rest[0]?.at ?? '' }] : []),
  ];
  return await settled(
    client
      .send(
        new PutEventsCommand({
          Entries: entries.map(({ type, detail, at }) => ({
            EventBusName: bus,
            Source: 'cutover',
            DetailType: type,
            Detail: JSON.stringify(detail),
            Time: new Date(at),
          })),
        }),
      )
      .then(({ FailedEntryCount = 0, Entries = [] }) => {
        const failed = Entries.find(({ ErrorCode }) => ErrorCode !== undefined);
        if (FailedEntryCount > 0)
          throw Object.assign(new Error(failed?.ErrorMessage), { name: failed?.ErrorCode, $response: failed });
      }),
  ).finally(() => client.destroy());
}

const regionIn = (arn: string) => arn.split(':')[3] ?? '';

const options = (region: string, role: Of<'sns'>['role']) => ({
  region,
  ...credentialsOf(role, region),
  maxAttempts: 1,
  requestHandler: { requestTimeout: requestTimeoutMs, connectionTimeout: 3_000 },
});

/** What people have to mend, a permission or a topic, is tried again too, for as long as news is news. */
async function settled(sending: Promise<unknown>): Promise<Sent> {
  try {
    await sending;
    return { told: true };
  } catch (error) {
    const { name, message, $response: answered } = error as Error & { $response?: unknown };
    const why = `${name}: ${message}`;
    const isKnown = answered !== undefined || /ECONNREFUSED|ENOTFOUND|Credentials/.test(why);
    return { told: false, taken: isKnown ? 'no' : 'unknown', why };
  }
}
