/** Where a namespace's key may not list or register search attributes, as on Temporal Cloud, a worker starts all the same. */
import { status } from '@grpc/grpc-js';
import type { Connection } from '@temporalio/client';
import { registerSearchAttributes } from '../../worker/search-attributes';
import { indexedTypeOf } from '../../temporal/search-attributes';
import { searchAttributes } from '../../contract/ids';

const refusal = (code: status, details: string) =>
  Object.assign(new Error(`${code}: ${details}`), { code, details, metadata: {} });
const unauthorized = () => Promise.reject(refusal(status.PERMISSION_DENIED, 'Request unauthorized.'));

interface Server {
  readonly list?: () => Promise<object>;
  readonly add?: () => Promise<unknown>;
  readonly count?: () => Promise<unknown>;
}

const connectionTo = ({ list = unauthorized, add = unauthorized, count = unauthorized }: Server) =>
  ({
    operatorService: { listSearchAttributes: list, addSearchAttributes: add },
    workflowService: { countWorkflowExecutions: count },
  }) as unknown as Connection;

const warned: string[] = [];
const register = (server: Server) =>
  registerSearchAttributes(connectionTo(server), 'shop.a1b2c', (message) => void warned.push(message));
beforeEach(() => void (warned.length = 0));

const listed = (names = Object.values(searchAttributes)) => ({
  customAttributes: Object.fromEntries(names.map((one) => [one.name, indexedTypeOf(one)])),
});

test('a search that finds them all is enough', async () => {
  await register({ count: () => Promise.resolve({ count: 0 }) });
  expect(warned).toEqual([]);
});

test('a search that is refused for one ends the start, with the way that Temporal Cloud has', async () => {
  const count = () => Promise.reject(refusal(status.INVALID_ARGUMENT, 'invalid search attribute: CutoverDeadline'));
  await expect(register({ count })).rejects.toThrow(
    /lacks a search attribute \(invalid search attribute: CutoverDeadline\).*tcld namespace search-attributes add --namespace shop\.a1b2c .*CutoverDeadline=Datetime/,
  );
});

test('where nobody may even search it is said once, and the worker goes on', async () => {
  await register({});
  expect(warned).toEqual([expect.stringMatching(/could not be found out .*unauthorized.*the worker goes on/)]);
});

test('what is missing on a server of one’s own is registered with its type', async () => {
  const answers = [listed([searchAttributes.zone]), listed()];
  const add = jest.fn(() => Promise.resolve({}));
  await register({ list: () => Promise.resolve(answers.shift() ?? {}), add });
  expect(add).toHaveBeenCalledWith(
    expect.objectContaining({ searchAttributes: expect.objectContaining({ CutoverDeadline: 6, CutoverWaitsFor: 2 }) }),
  );
});

test('where that is refused the start ends with the command for each', async () => {
  const list = () => Promise.resolve(listed([searchAttributes.zone]));
  await expect(register({ list })).rejects.toThrow(
    /operator search-attribute create --namespace shop\.a1b2c .*--name CutoverDeadline --type Datetime/,
  );
});

test('a server that doesn’t answer is no refusal', async () => {
  const list = () => Promise.reject(refusal(status.UNAVAILABLE, 'no connection'));
  await expect(register({ list })).rejects.toThrow('no connection');
});
