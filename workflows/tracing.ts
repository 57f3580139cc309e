/**
 * Carries a trace through a workflow: what its starter sent is handed to every activity and child. A workflow that nobody traces
 * into, such as one started from the Temporal UI, has a trace of its own, whose ID is the run's. Nothing of OpenTelemetry is
 * in the bundle, and nothing here can change what a workflow does.
 */
import { defaultPayloadConverter, type Headers } from '@temporalio/common';
import { workflowInfo, type WorkflowInterceptors, type WorkflowInterceptorsFactory } from '@temporalio/workflow';

/** Where @temporalio/interceptors-opentelemetry, which client and worker use, looks for it. */
const traceHeader = '_tracer-data';

export const interceptors: WorkflowInterceptorsFactory = (): WorkflowInterceptors => {
  let trace: Headers = {};
  const traced = <Input extends { readonly headers: Headers }>(input: Input): Input => ({
    ...input,
    headers: { ...trace, ...input.headers },
  });
  return {
    inbound: [
      {
        execute: (input, next) => {
          trace = { [traceHeader]: input.headers[traceHeader] ?? ownTrace() };
          return next(input);
        },
      },
    ],
    outbound: [
      {
        scheduleActivity: (input, next) => next(traced(input)),
        scheduleLocalActivity: (input, next) => next(traced(input)),
        startChildWorkflowExecution: (input, next) => next(traced(input)),
      },
    ],
  };
};

/** https://www.w3.org/TR/trace-context/#traceparent-header */
function ownTrace() {
  const id = workflowInfo().runId.replaceAll('-', '');
  return defaultPayloadConverter.toPayload({ traceparent: `00-${id}-${id.slice(0, 16)}-01` });
}
