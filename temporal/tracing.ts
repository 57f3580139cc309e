/**
 * Traces, where OpenTelemetry's own variables name a collector (OTEL_EXPORTER_OTLP_ENDPOINT): from the command that starts a
 * deployment, through its workflow, to every activity and AWS call. Without them nothing of OpenTelemetry is loaded.
 * https://opentelemetry.io/docs/languages/sdk-configuration/otlp-exporter/
 */
import type { WorkflowClientInterceptor } from '@temporalio/client';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';

export interface Tracing {
  readonly client: readonly WorkflowClientInterceptor[];
  readonly activities: readonly ActivityInterceptorsFactory[];
  /** Makes a span of each AWS call, named e.g. `ecs.UpdateService`. */
  readonly call?: <T>(service: string, operation: string, call: () => Promise<T>) => Promise<T>;
  /** Sends what hasn't been sent. */
  close(): Promise<void>;
}

const none: Tracing = { client: [], activities: [], close: () => Promise.resolve() };

const isWanted = ({ OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT }: NodeJS.ProcessEnv): boolean =>
  Boolean(OTEL_EXPORTER_OTLP_ENDPOINT ?? OTEL_EXPORTER_OTLP_TRACES_ENDPOINT);

/** @param part of cutover that this process is, e.g. `worker` */
export async function startTracing(part: string): Promise<Tracing> {
  if (!isWanted(process.env)) return none;
  const [{ SpanKind, SpanStatusCode, trace }, contexts, sdk, { Resource }, { OTLPTraceExporter }, temporal] =
    await Promise.all([
      import('@opentelemetry/api'),
      import('@opentelemetry/context-async-hooks'),
      import('@opentelemetry/sdk-trace-base'),
      import('@opentelemetry/resources'),
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@temporalio/interceptors-opentelemetry'),
    ]);
  const name = process.env['OTEL_SERVICE_NAME'] ?? `cutover-${part}`;
  const provider = new sdk.BasicTracerProvider({
    resource: new Resource({ 'service.name': name, 'process.pid': process.pid }),
    spanProcessors: [new sdk.BatchSpanProcessor(new OTLPTraceExporter())],
  });
  provider.register({ contextManager: new contexts.AsyncLocalStorageContextManager().enable() });
  const tracer = trace.getTracer('cutover');
  return {
    client: [new temporal.OpenTelemetryWorkflowClientInterceptor()],
    activities: [
      (context) => ({
        inbound: new temporal.OpenTelemetryActivityInboundInterceptor(context),
        outbound: new temporal.OpenTelemetryActivityOutboundInterceptor(context),
      }),
    ],
    call: async (service, operation, call) =>
      await tracer.startActiveSpan(`${service}.${operation}`, { kind: SpanKind.CLIENT }, async (span) => {
        span.setAttributes({ 'rpc.system': 'aws-api', 'rpc.service': service, 'rpc.method': operation });
        try {
          return await call();
        } catch (error) {
          span.recordException(error as Error);
          span.setStatus({ code: SpanStatusCode.ERROR, message: (error as Error).message });
          throw error;
        } finally {
          span.end();
        }
      }),
    close: async () => await provider.shutdown(),
  };
}
