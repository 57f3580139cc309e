/**
 * The EC2 flavour of the query protocol: lists are flat in the form, and an answer has no inner result.
 * https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html
 */
import { NormalizedSchema } from '@smithy/core/schema';
import type { StaticOperationSchema, StaticStructureSchema } from '@smithy/types';
import { AwsError } from './errors';
import type { ServiceModel } from './model';
import { listsOf, readInput, structure, toXml, treeOf } from './query';
import type { Reply } from './reply';
import { findFlaw } from './validation';

/**
 * The operation's input, checked.
 * @throws {AwsError} with code `InvalidParameterValue` for what isn't of the operation's shape
 */
export function decodeEc2(model: ServiceModel, operation: StaticOperationSchema, form: URLSearchParams): unknown {
  const members = new URLSearchParams(form);
  for (const name of ['Action', 'Version']) members.delete(name);
  const input = readInput(model, operation[4], listsOf(treeOf(members)));
  const flaw = findFlaw(NormalizedSchema.of(operation[4]), input);
  if (flaw !== undefined) throw new AwsError('InvalidParameterValue', `${flaw.path} must be ${flaw.expected}`);
  return input;
}

/** The answer of an operation: `<OpResponse><requestId/>…</OpResponse>`. */
export function encodeEc2(
  model: ServiceModel,
  operation: StaticOperationSchema,
  output: unknown,
  requestId: string,
): Reply {
  const [, namespace, , , names, schemas] = operation[5] as StaticStructureSchema;
  const envelope: StaticStructureSchema = [
    3,
    namespace,
    `${operation[2]}Response`,
    0,
    ['requestId', ...names],
    [0, ...schemas],
  ];
  const body = toXml(model, envelope, { requestId, ...(output as object) });
  return { status: 200, contentType: 'text/xml', body };
}

export function encodeEc2Error(model: ServiceModel, error: AwsError, requestId: string): Reply {
  const detail = structure(model, 'Error', { Code: 0, Message: 0 });
  const errors = structure(model, 'Errors', { Error: detail });
  const envelope = structure(model, 'Response', { Errors: errors, RequestID: 0 });
  const { code: Code, message: Message } = error;
  const body = toXml(model, envelope, { Errors: { Error: { Code, Message } }, RequestID: requestId });
  return { status: error.status ?? 400, contentType: 'text/xml', body };
}
