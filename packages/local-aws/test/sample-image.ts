/** Small images for tests, in the same layout as the local images. */
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { imageFolder, tagFile, type ImageRecord } from '../src/images/images';

/** A server that answers with its identity, and finishes on SIGTERM. */
export const server = `
const server = require('node:http').createServer((request, response) =>
  response.end(JSON.stringify({ task: process.env.LOCAL_AWS_TASK, greeting: process.env.GREETING, mount: process.env.LOCAL_AWS_MOUNT_CONFIG_1 })));
server.listen(Number(process.env.PORT), '127.0.0.1', () => console.log('listening'));
server.keepAliveTimeout = 120_000;
process.on('SIGTERM', () => { console.log('goodbye'); server.close(() => process.exit(0)); });
`;
export const crashing = `console.error('no database'); process.exit(3);`;
/** A server that answers, and ignores SIGTERM. */
export const deaf = `
process.on('SIGTERM', () => console.log('not now'));
require('node:http').createServer((request, response) => response.end('{}')).listen(Number(process.env.PORT), '127.0.0.1');
`;

export async function makeImage(
  imagesFolder: string,
  name: string,
  script: string,
  over: Partial<ImageRecord> = {},
): Promise<void> {
  const [repository = '', tag = ''] = name.split(':');
  const digest = `sha256:${createHash('sha256').update(name).digest('hex')}`;
  const record: ImageRecord = {
    repository,
    tag,
    digest,
    size: script.length,
    builtAt: 1_700_000_000_000,
    workingDirectory: '/app',
    entrypoint: ['node', '/app/server.js'],
    command: [],
    environment: { FROM_IMAGE: 'yes' },
    labels: { team: 'sales' },
    ...over,
  };
  const folder = imageFolder(imagesFolder, digest);
  await mkdir(join(folder, 'app'), { recursive: true });
  await writeFile(join(folder, 'app', 'server.js'), script);
  await writeFile(join(folder, 'image.json'), JSON.stringify(record));
  const tagPath = tagFile(imagesFolder, repository, tag);
  await mkdir(dirname(tagPath), { recursive: true });
  await writeFile(tagPath, digest);
}
