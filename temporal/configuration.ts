/**
 * The connection to Temporal, as its own variables and profile files say: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TLS, API keys.
 * https://docs.temporal.io/develop/environment-configuration
 */
import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { CodecSettings } from '../settings/codec';
import { createDataConverter } from './data-converter';

export interface TemporalOptions {
  readonly address?: string | undefined;
  readonly namespace?: string | undefined;
  readonly codec?: CodecSettings | undefined;
}

/** How every process reaches Temporal, and how it writes and reads there. The environment wins over the settings file; without either it is `localhost:7233`, namespace `default`. */
export function temporalConfiguration(settings: TemporalOptions = {}) {
  const { connectionOptions, namespace } = loadClientConnectConfig();
  return {
    connectionOptions: {
      ...connectionOptions,
      address: connectionOptions.address ?? settings.address ?? 'localhost:7233',
    },
    namespace: namespace ?? settings.namespace ?? 'default',
    dataConverter: createDataConverter(settings.codec),
  };
}
