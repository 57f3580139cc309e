/** News as each kind of channel takes it. What is said together is one message. */
import type { News } from './news';

/** As a person reads it where there are no buttons; what is wanted comes first. */
export function formatPlain(news: readonly News[]): string {
  return inOrder(news)
    .map(({ says, wanted, ...one }) =>
      [
        says,
        ...(wanted ? [wantedIn(wanted), ...wanted.commands.map((one) => `    ${one}`)] : []),
        ...linksOf(one).map(({ url }) => url),
      ].join('\n'),
    )
    .join('\n\n');
}

/** One line, at most 100 characters, as the subject of an e-mail: the limit of SNS, which takes printable ASCII. */
export function formatSubject(news: readonly News[]): string {
  const [first] = inOrder(news);
  const what = news.length === 1 ? (first?.says ?? '') : `${news.length} pieces of news; ${first?.says ?? ''}`;
  return `cutover: ${what}`.replaceAll(/[^\x20-\x7e]/g, ' ').slice(0, 100);
}

/** Blocks of Slack's Block Kit, at most 50 to a message; https://docs.slack.dev/reference/block-kit. */
export function slackMessage(news: readonly News[]): object {
  const told = inOrder(news).slice(0, mostTold);
  return {
    text: formatSubject(news),
    blocks: [
      ...told.flatMap(({ says, wanted, ...one }) => [
        section(slackText([says, ...(wanted ? [wantedIn(wanted)] : [])].join('\n')), wanted?.commands ?? []),
        ...slackButtons(linksOf(one)),
      ]),
      ...(told.length < news.length ? [section(slackText(more(news.length - told.length)), [])] : []),
    ],
  };
}

/** A message with one Adaptive Card, as the workflows of Teams post it; https://adaptivecards.io/explorer. */
export function teamsMessage(news: readonly News[]): object {
  const told = inOrder(news).slice(0, mostTold);
  const block = (text: string, look: object = {}) => ({ type: 'TextBlock', text: cardText(text), wrap: true, ...look });
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          body: [
            ...told.flatMap(({ says, wanted }, at) => [
              block(says, { weight: 'Bolder', separator: at > 0 }),
              ...(wanted ? [block(wantedIn(wanted))] : []),
              ...(wanted?.commands ?? []).map((command) => block(command, { fontType: 'Monospace' })),
            ]),
            ...(told.length < news.length ? [block(more(news.length - told.length))] : []),
          ],
          actions: told
            .flatMap((one) =>
              linksOf(one).map(({ label, url }) => ({
                type: 'Action.OpenUrl',
                title: told.length > 1 ? `${one.application}: ${label}` : label,
                url,
              })),
            )
            .slice(0, 5),
        },
      },
    ],
  };
}

/** What other programs read: every piece of news whole. */
export const eventsOf = (news: readonly News[]): object => ({ type: 'cutover.news', events: news });

/** A message stays far under the 256 KiB of SNS and EventBridge, and the 50 blocks of Slack. */
const mostTold = 20;

const more = (count: number) => `… and ${count} more: cutover list tells how every deployment stands.`;

/** What people are wanted for is on top. */
const inOrder = (news: readonly News[]): News[] =>
  news.toSorted((one, other) => Number(other.wanted !== null) - Number(one.wanted !== null));

interface Link {
  readonly label: string;
  readonly url: string;
}

/** Where it can be looked at and answered; the page first. */
const linksOf = ({ page, link }: Pick<News, 'page' | 'link'>): Link[] => [
  ...(page === null ? [] : [{ label: 'Open the page', url: page }]),
  ...(link === null ? [] : [{ label: 'Open in Temporal', url: link }]),
];

const wantedIn = ({ what, by }: NonNullable<News['wanted']>) => (by === null ? what : `${what} Until ${by}.`);

/** Nothing in it mentions anybody, formats or links: https://docs.slack.dev/messaging/formatting-message-text. */
const slackText = (text: string) =>
  text.slice(0, 2_000).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const section = (text: string, commands: readonly string[]) => ({
  type: 'section',
  text: { type: 'plain_text', text: [text, ...commands].join('\n').slice(0, 3_000), emoji: false },
});

const slackButtons = (links: readonly Link[]) =>
  links.length === 0 ? [] : [{ type: 'actions', elements: links.map(({ label, url }) => slackButton(label, url)) }];

const slackButton = (label: string, url: string) => ({
  type: 'button',
  text: { type: 'plain_text', text: label },
  url: url.slice(0, 3_000),
});

/** Cards take some Markdown, links among it. */
const cardText = (text: string) => text.slice(0, 2_000).replaceAll(/[\\`*_[\](){}#+\-!<>|~]/g, (one) => `\\${one}`);
