import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { listInstalled, uninstallApplication } from '../../../local/platform-server/applications';
import { installAndRegister } from '../../../local/platform-server/install';
import { runPlatformServer } from '../../../local/platform-server/server';
import { stackFolders } from '../../../local/stack/folders';
import { inTemporaryFolder } from '../images/bundles';

const orders = { application: 'Orders', modules: ['Orders', 'OrdersAPI'] };

/** Runs with a stack's folder and its Platform Server's URL. */
async function served(work: (folder: string, url: string) => Promise<void>): Promise<void> {
  await inTemporaryFolder(async (folder) => {
    const server = await runPlatformServer({ folder: stackFolders(folder).platformServer, port: 0 });
    try {
      await work(folder, server.url);
    } finally {
      await server.close();
    }
  });
}

test('a module belongs to one application only, whatever its letters, and the loser changes nothing', async () => {
  await inTemporaryFolder(async (folder) => {
    await installAndRegister(folder, orders);
    const admin = { application: 'OrdersAdmin', modules: ['OrdersAdmin', 'ORDERSapi'] };
    await expect(installAndRegister(folder, admin)).rejects.toThrow('ORDERSapi belongs to the application Orders');
    expect((await listInstalled(stackFolders(folder).platformServer)).map((each) => each.application)).toEqual([
      'Orders',
    ]);
  });
});

test.each([
  ['a/b', undefined, /can't be an application's name/],
  ['', undefined, /can't be an application's name/],
  ['Orders', 'x', /not a GUID/],
])('the application "%s" with the key %s is refused', async (application, key, message) => {
  await inTemporaryFolder(async (folder) => {
    const installation = { application, modules: ['Orders'], ...(key === undefined ? {} : { key }) };
    await expect(installAndRegister(folder, installation)).rejects.toThrow(message);
  });
});

test('what is not installed is not found, and an uninstalled application is gone at once', async () => {
  await served(async (folder, url) => {
    const status = async (path: string): Promise<number> => (await fetch(url + path)).status;
    expect(await status('/Orders/')).toBe(404);
    await installAndRegister(folder, orders);
    expect(await status('/Orders/')).toBe(200);
    expect(await status('/Orders/_cutover_release.txt')).toBe(404);
    expect(await status('/OrdersAdmin/')).toBe(404);
    await uninstallApplication(stackFolders(folder).platformServer, 'Orders');
    expect(await status('/Orders/')).toBe(404);
    expect(await status('/ServiceCenter/_ping.aspx')).toBe(200);
  });
});

test('an installation is in effect when it returns, and so is a change', async () => {
  await served(async (folder, url) => {
    for (const version of ['1.0', '1.1', '1.2']) {
      await installAndRegister(folder, { ...orders, version });
      const answer = { application: 'Orders', module: 'OrdersAPI', version, task: 'platform-server' };
      const body: unknown = await (await fetch(`${url}/ordersapi/`)).json();
      expect(body).toEqual({ ...answer, servedBy: 'platform-server', configuration: '' });
    }
    const [installed] = await listInstalled(stackFolders(folder).platformServer);
    expect(installed?.key).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5/);
  });
});

test('many installations at once are all there afterwards, in the settings too, and comments stay', async () => {
  await inTemporaryFolder(async (folder) => {
    const { settings, platformServer } = stackFolders(folder);
    writeFileSync(
      settings,
      '# by hand\nzones: {} # later\napplications:\n  # the shop\n  App0: { key: x, desiredCount: 3 }\n',
    );
    const names = Array.from({ length: 8 }, (_, index) => `App${index}`);
    await Promise.all(
      names.map(async (name) => await installAndRegister(folder, { application: name, modules: [name] })),
    );
    expect((await listInstalled(platformServer)).map((each) => each.application)).toEqual(names);
    const text = readFileSync(join(folder, 'cutover.yaml'), 'utf8');
    for (const part of ['# by hand', '# later', '# the shop', 'desiredCount: 3', ...names])
      expect(text).toContain(part);
  });
});
