/** How values are written for Temporal and read back: the same for clients, hooks and workers, or they couldn't read each other. */
import type { DataConverter, LoadedDataConverter, Payload } from '@temporalio/common';
import type { CodecSettings } from '../settings/codec';
import { createCodec } from './codec';

/**
 * Temporal's own JSON; without a codec it is plain, so that the Temporal UI shows what is in a history.
 * @throws {Error} with one sentence when a key is missing
 */
export const createDataConverter = async (
  codec: CodecSettings | undefined,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<DataConverter> => (codec ? { payloadCodecs: [await createCodec(codec, environment)] } : {});

/** Reads one value of what the server says of an execution, which its client hands over as it was written. */
export async function decodePayload<T>(
  { payloadCodecs, payloadConverter }: LoadedDataConverter,
  payload: Payload,
): Promise<T | undefined> {
  let payloads = [payload];
  for (const codec of payloadCodecs.toReversed()) payloads = await codec.decode(payloads);
  const [decoded] = payloads;
  return decoded && payloadConverter.fromPayload<T>(decoded);
}
