import { join } from 'node:path';
import { parseSettings } from '../../../settings/load';
import type { Settings } from '../../../settings/schema';

const arn = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/main/0123456789abcdef/0123456789abcdef';

/** A zone `production` that builds so, with its shared folders `target`, `result` and `config` under a root. */
export function buildingIn(root: string, { registry, builder }: { registry: string; builder: object }): Settings {
  const folder = (name: string) => ({ platform: `/shared/${name}`, mounted: join(root, name) });
  const zone = {
    address: 'https://apps.example.com',
    region: 'eu-west-1',
    cluster: 'outsystems',
    listener: arn,
    testListener: arn,
    registry,
    folders: { target: folder('target'), result: folder('result'), config: folder('config') },
    builder,
  };
  return parseSettings(JSON.stringify({ zones: { production: zone } }), 'cutover.yaml');
}
