/**
 * The connection to Temporal, as its own variables and profile files say: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TLS, API keys.
 * https://docs.temporal.io/develop/environment-configuration
 */
import { loadClientConnectConfig } from '@temporalio/envconfig';

export interface TemporalOptions {
  readonly address?: string | undefined;
  readonly namespace?: string | undefined;
}

/** The environment wins over the settings file; without either it is `localhost:7233`, namespace `default`. */
export function temporalConfiguration(settings: TemporalOptions = {}) {
  const { connectionOptions, namespace } = loadClientConnectConfig();
  return {
    connectionOptions: {
      ...connectionOptions,
      address: connectionOptions.address ?? settings.address ?? 'localhost:7233',
    },
    namespace: namespace ?? settings.namespace ?? 'default',
  };
}
