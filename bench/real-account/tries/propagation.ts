import { resolve4 } from 'node:dns/promises';
import { get } from 'node:http';
import { fixed, makeRule, pause, type Stage } from '../stage';
import { NotTried, type Try } from '../try';

/** The longest that an old answer is waited for after the last one. */
const quietMs = 15_000;
const atMostMs = 120_000;

/** Asks every node for a fixed response, changes it, and asks on until the old one is gone for a while. */
export const propagation: Try = {
  name: 'propagation',
  question: 'How long after ModifyRule does each node of the load balancer still give the old answer?',
  assumes: 'Some seconds, in which nodes differ: cutover asks until only the new answer comes, then waits `settle`.',
  run: async (stage) => {
    const { haste = 1 } = stage;
    const rule = await makeRule(stage, 141, '/propagation', fixed('old'));
    const nodes = await nodesOf(stage);
    await everywhere(stage, nodes);
    await stage.account.elb.modifyRule({ RuleArn: rule.RuleArn, Actions: fixed('new') });
    const changed = Date.now();
    const lastOld = new Map(nodes.map((node) => [node, 0]));
    for (
      let last = changed;
      Date.now() - last < quietMs / haste && Date.now() - changed < atMostMs;
      await pause(stage, 50)
    ) {
      const answers = await Promise.all(nodes.map(async (node) => [node, await answerOf(stage, node)] as const));
      for (const [node] of answers.filter(([, answer]) => answer === 'old')) {
        last = Date.now();
        lastOld.set(node, last - changed);
      }
    }
    return { lastOldAnswerMs: Object.fromEntries(lastOld) };
  },
};

async function nodesOf({ dnsName, addressesOf = resolve4 }: Stage): Promise<string[]> {
  try {
    return await addressesOf(dnsName);
  } catch {
    throw new NotTried(`${dnsName} isn't known to DNS here`);
  }
}

/** Waits until every node has the rule. @throws {NotTried} when one can't be reached from here */
async function everywhere(stage: Stage, nodes: readonly string[]): Promise<void> {
  for (const until = Date.now() + atMostMs; ; await pause(stage, 200)) {
    const answers = await Promise.all(nodes.map((node) => answerOf(stage, node)));
    if (answers.every((answer) => answer === 'old')) return;
    if (Date.now() > until)
      throw new NotTried('not every node answers this machine; give a --security-group that lets it in');
  }
}

const answerOf = ({ options: { port }, dnsName }: Stage, host: string): Promise<string> =>
  new Promise((resolve) => {
    const request = get(
      { host, port, path: '/propagation', headers: { host: dnsName }, timeout: 3_000 },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => (text += part));
        response.on('end', () => resolve(text)).on('error', () => resolve('broken'));
      },
    );
    request.on('timeout', () => request.destroy()).on('error', () => resolve('unreachable'));
  });
