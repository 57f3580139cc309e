/** Connections to Temporal that can be closed while calls are in flight. */
import { InterceptingCall, Metadata, status, type Interceptor } from '@grpc/grpc-js';
import {
  Connection,
  defaultGrpcRetryOptions,
  makeGrpcRetryInterceptor,
  type ConnectionOptions,
} from '@temporalio/client';

export interface TemporalConnection {
  readonly connection: Connection;
  /** Calls in flight fail; none of them is tried again. */
  readonly close: () => Promise<void>;
}

/** Rejects, with a sentence that says what to do, when Temporal doesn't answer within `connectTimeout`, by default 10 s. */
export async function connectToTemporal(options: ConnectionOptions): Promise<TemporalConnection> {
  const opened = connectLazily(options);
  try {
    await opened.connection.ensureConnected();
    return opened;
  } catch (error) {
    await opened.close();
    const { address = 'localhost:7233' } = options;
    throw new Error(
      `Temporal can't be reached at ${address} (${(error as Error).message}): start it, or set TEMPORAL_ADDRESS.`,
      { cause: error },
    );
  }
}

/** Connects when it is first used. */
export function connectLazily(options: ConnectionOptions): TemporalConnection {
  let closed = false;
  const interceptors = [makeGrpcRetryInterceptor(defaultGrpcRetryOptions()), cancelWhen(() => closed)];
  const connection = Connection.lazy({ ...options, interceptors });
  return {
    connection,
    close: async () => {
      closed = true;
      await connection.close();
    },
  };
}

/**
 * Ends the process, with its exit status, a moment after its connections were closed: an attempt to connect to an address where no
 * Temporal is any more isn't given up with its channel, and would keep the process until TCP is tired of it.
 */
export function endThoughConnecting(): void {
  setTimeout(() => process.exit(), lingerMs).unref();
}
/** Whatever was written goes out meanwhile. */
const lingerMs = 1_000;

/** A retry that was due would else throw in a timer, where nobody can catch it: "Channel has been shut down". */
function cancelWhen(isClosed: () => boolean): Interceptor {
  const cancelled = { code: status.CANCELLED, details: 'The connection was closed.', metadata: new Metadata() };
  return (options, nextCall) => {
    if (!isClosed()) return new InterceptingCall(nextCall(options));
    // It never gets to a next call.
    return new InterceptingCall(undefined as never, {
      start: (_, listener) => listener.onReceiveStatus(cancelled),
      cancel: () => undefined,
    });
  };
}
