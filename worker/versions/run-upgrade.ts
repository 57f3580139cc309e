/** The upgrade, with the connection and the bundle that it needs. */
import { Client } from '@temporalio/client';
import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import { loadSettings } from '../../settings/load';
import { temporalConfiguration } from '../../temporal/configuration';
import { connectToTemporal } from '../../temporal/connection';
import { defaultBundle } from './bundle';
import { buildIdOf } from './build-id';
import { upgrade, type Upgrade, type UpgradeReport } from './upgrade';

/** @throws {Error} with one sentence, also where the settings don't say that workers are versioned */
export async function runUpgrade(
  settings: string,
  options: Pick<Upgrade, 'check' | 'ramp' | 'wait' | 'say'>,
): Promise<UpgradeReport> {
  const { temporal } = loadSettings(settings);
  if (!temporal.workerVersioning)
    throw new Error(
      `${settings} has no "temporal: { workerVersioning: true }": without it any worker goes on with what is in flight, and there is nothing to hand over.`,
    );
  // What a replay finds is said by the verdicts; the SDK's core would print it too, between the lines of standard output.
  Runtime.install({
    logger: new DefaultLogger('ERROR', () => undefined),
    telemetryOptions: {
      logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' }) },
    },
  });
  const { connectionOptions, namespace, dataConverter } = await temporalConfiguration(temporal);
  const { connection, close } = await connectToTemporal(connectionOptions);
  try {
    const client = new Client({ connection, namespace, dataConverter });
    const bundle = defaultBundle();
    return await upgrade({
      ...options,
      connection,
      namespace,
      client,
      dataConverter,
      bundle,
      buildId: buildIdOf(bundle),
    });
  } finally {
    await close();
  }
}
