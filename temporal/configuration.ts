/**
 * The connection to Temporal, as its own variables and profile files say: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TLS, API keys.
 * https://docs.temporal.io/develop/environment-configuration
 */
import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { CodecSettings } from '../settings/codec';
import { apiKeyFrom } from './api-key';
import { createDataConverter } from './data-converter';

export interface TemporalOptions {
  readonly address?: string | undefined;
  readonly namespace?: string | undefined;
  readonly apiKeyFile?: string | undefined;
  readonly codec?: CodecSettings | undefined;
}

/** A file without a profile makes the library fail in words of its own code. */
function readProfile(): ReturnType<typeof loadClientConnectConfig> {
  try {
    return loadClientConnectConfig();
  } catch (error) {
    throw new Error(
      `The Temporal profile can't be read (TEMPORAL_CONFIG_FILE, TEMPORAL_PROFILE): ${(error as Error).message}.`,
      { cause: error },
    );
  }
}

/**
 * How every process reaches Temporal, and how it writes and reads there. The environment wins over the settings file, but for a
 * key's file, which wins over a key; without either it is `localhost:7233`, namespace `default`.
 * @throws {Error} with a sentence when the key's file has none, or when a key of the codec can't be had
 */
export async function temporalConfiguration(settings: TemporalOptions = {}) {
  const { connectionOptions, namespace } = readProfile();
  const keyFile = process.env['CUTOVER_API_KEY_FILE'] ?? settings.apiKeyFile;
  const apiKey = keyFile === undefined ? undefined : apiKeyFrom(keyFile);
  return {
    connectionOptions: {
      ...connectionOptions,
      address: connectionOptions.address ?? settings.address ?? 'localhost:7233',
      // As with a key of the environment: it is never sent in the clear unless TEMPORAL_TLS says so.
      ...(apiKey && { apiKey, tls: connectionOptions.tls ?? true }),
    },
    namespace: namespace ?? settings.namespace ?? 'default',
    dataConverter: await createDataConverter(settings.codec),
    /** The key where it is in a file: a worker's own connection takes no function. */
    ...(apiKey && { apiKey }),
  };
}
