/**
 * Approvals that two people prove, and what attackers send in their place: the activity that weighs them is the real one, with
 * settings of the test.
 */
import { deploymentsOf } from '../../client/deployments';
import type { Person } from '../planning/approvals/people';
import { inSlotA } from '../planning/zone';
import { recordHistory } from '../suites/replay/histories';
import { ana, approval, governedBy, mallory, rui } from './governed';
import { waitingForApproval } from './blue-green';
import { openWorld, quick, type Deployment } from './world';

const opening = openWorld();
afterAll(async () => (await opening).close());

const deploy = async (more: string, input: object = {}, people?: readonly Person[]): Promise<Deployment> =>
  await (await opening).deploy({ ...quick, by: 'Eva', ...input }, inSlotA(), governedBy(more, people));

const refused = (why: string) => ({ cause: { message: expect.stringContaining(why) } });

test.concurrent(
  'two people approve a run, its plan and its image; nothing else counts, and all of it is told',
  async () => {
    const deployment = await deploy('minimum: 2, notTheStarter: true');
    const status = await deployment.until(waitingForApproval);
    expect(status).toMatchObject({
      waitingFor: expect.stringContaining('2 of 2 signed approvals are missing, of Ana, Rui.'),
      approvals: { minimum: 2, image: 'sha256:2.0.0', plan: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) },
    });
    const { currentDetails } = await deployment.handle.query<{ currentDetails?: string }>(
      '__temporal_workflow_metadata',
    );
    expect(currentDetails).toContain('`cutover approve --sign KEYFILE --print`');
    expect(currentDetails).toContain('**Approved by:** nobody yet (0 of 2)');
    const approve = (input: object) => deployment.handle.executeUpdate('approve', { args: [input] });

    await expect(approve({ by: 'Ana' })).rejects.toMatchObject(
      refused('Only signed approvals count here, of Ana, Rui'),
    );
    await deployment.handle.signal('approve', { by: 'Ana' });
    await deployment.handle.signal('approve');
    await expect(approve(approval(mallory, status))).rejects.toMatchObject(refused('none that the settings list'));
    await expect(approve(approval(mallory, status, { approver: 'Ana' }))).rejects.toMatchObject(
      refused('settings list'),
    );
    await expect(approve(approval(rui, status, { approver: 'Ana' }))).rejects.toMatchObject(refused('that of Rui'));
    await expect(approve(approval(ana, status, { run: 'earlier' }))).rejects.toMatchObject(refused('another run'));
    await expect(approve(approval(ana, status, { plan: 'sha256:0' }))).rejects.toMatchObject(refused('another plan'));
    const replayed = approval(ana, status);
    await expect(approve(replayed)).resolves.toBe('approve counts');
    await expect(approve(replayed)).rejects.toMatchObject(refused('counts once'));
    await deployment.handle.signal('approve', replayed);

    const { ignored, approvals } = await deployment.until(({ ignored: told }) => told.length === 9);
    expect(ignored.every(({ name }) => name === 'approve')).toBe(true);
    expect(approvals).toMatchObject({ counted: [{ approver: 'Ana', proof: { kind: 'key' } }] });
    expect(deployment.calls).not.toContain('recordApprovals');

    // From the Temporal UI, as `cutover approve --print` prints it.
    await deployment.handle.signal('approve', JSON.parse(JSON.stringify(approval(rui, status))));
    expect(await deployment.outcome()).toMatchObject({
      outcome: 'completed',
      approved: { by: expect.stringMatching(/^Ana \(key SHA256:.*\), Rui \(key SHA256:/) },
      approvals: { plan: status.approvals?.plan, image: 'sha256:2.0.0', brokenGlass: false },
    });
    const cut = deployment.calls.findIndex((call) => call.startsWith('setRoute live'));
    expect(deployment.calls.indexOf('recordApprovals')).toBeLessThan(cut);
    await recordHistory('approved-by-two-signatures', () => deployment.handle.fetchHistory());
  },
);

test.concurrent('a broken glass is one person, on a frozen day, and open until another has looked', async () => {
  const deployment = await deploy(
    'minimum: 2, freeze: [{ from: 2000-01-01, to: 2999-12-31, reason: the long weekend }]',
  );
  const { client } = await opening;
  const status = await deployment.until(({ approvals }) => approvals?.closed != null);
  expect(status.waitingFor).toContain('the long weekend');
  const broken = approval(ana, status, { breakGlass: true, reason: 'checkout is down' });
  await deployment.handle.executeUpdate('approve', { args: [broken] });
  expect(await deployment.outcome()).toMatchObject({ outcome: 'completed', approvals: { brokenGlass: true } });

  const { workflow, run } = status.approvals!;
  const { glasses } = deploymentsOf(client, () => Promise.resolve());
  const openNow = async () => (await glasses('production', workflow.split('/')[1])).map(({ run: one }) => one);
  // Temporal's list is late.
  while (!(await openNow()).includes(run)) await new Promise((resolve) => setTimeout(resolve, 50));
  const glass = client.workflow.getHandle(`countersign/${workflow}/${run}`);
  const countersign = (input: object) => glass.executeUpdate('countersign', { args: [input] });
  const looked = (who: Person) => approval(who, status, { approval: 'countersign' });
  await expect(countersign(looked(ana))).rejects.toMatchObject(refused('somebody else must countersign'));
  await expect(countersign(looked(mallory))).rejects.toMatchObject(refused('none that the settings list'));
  await expect(countersign(approval(rui, status))).rejects.toMatchObject(refused('given for afterVerify'));
  await glass.signal('countersign', { by: 'Rui' });
  expect((await glass.describe()).status.name).toBe('RUNNING');
  await countersign(looked(rui));
  expect(await glass.result()).toMatchObject({ approver: 'Rui' });
  while ((await openNow()).includes(run)) await new Promise((resolve) => setTimeout(resolve, 50));
  await recordHistory('countersigned', () => glass.fetchHistory());
});

test.concurrent('a rejection needs no signature, and whoever comes too late is told', async () => {
  const deployment = await deploy('');
  await deployment.until(waitingForApproval);
  await deployment.handle.executeUpdate('reject', { args: [{ by: 'anybody' }] });
  expect(await deployment.outcome()).toMatchObject({ outcome: 'rolledBack', approvals: { counted: [] } });
});

test.concurrent(
  'a worker that can’t weigh an approval costs that one, and the deployment goes on waiting',
  async () => {
    const deployment = await deploy('');
    const status = await deployment.until(waitingForApproval);
    const { weighApprovals } = governedBy('');
    deployment.script({
      weighApprovals: () => {
        throw new Error('the settings file is being written');
      },
    });
    const lost = deployment.handle.executeUpdate('approve', { args: [approval(ana, status)] });
    // As soon as the file is whole a retry of the activity finds it.
    deployment.script({ weighApprovals: weighApprovals! });
    await lost;
    expect(await deployment.outcome()).toMatchObject({ outcome: 'completed' });
  },
);

test.concurrent(
  'where names are believed, one approval is enough, and a cut still waits for its window, in time',
  async () => {
    const windows = `[{ from: "00:00", to: "00:01", timeZone: ${awayFromMidnight()} }]`;
    const deployment = await deploy(`windows: ${windows}`, { approvalTimeout: '3s' }, []);
    await deployment.until(waitingForApproval);
    await deployment.handle.executeUpdate('approve', { args: [{ by: 'Ana' }] });
    const status = await deployment.until(({ approvals }) => approvals?.closed != null);
    expect(status).toMatchObject({ phase: 'approve', waitingFor: expect.stringContaining('No cut begins now') });
    const again = deployment.handle.executeUpdate('approve', { args: [{ by: 'Rui' }] });
    await expect(again).rejects.toMatchObject(refused('approve was refused: It is approved. No cut begins now'));
    await expect(deployment.handle.executeUpdate('approve', { args: [approval(ana, status)] })).rejects.toMatchObject(
      refused('name no approvers'),
    );
    expect(await deployment.outcome()).toMatchObject({
      outcome: 'rolledBack',
      approved: { by: 'Ana' },
      failure: expect.stringContaining('No cut begins now: the windows are every day 00:00–00:01'),
    });
  },
);

/** A time zone in which it isn't midnight now. */
const awayFromMidnight = () => ([22, 23, 0, 1].includes(new Date().getUTCHours()) ? 'Asia/Tokyo' : 'UTC');
