/** What a zone of Windows tasks waits for, where its settings don't say. */
import { planServiceSettings } from '../../planning/twin/service-settings';
import { parseSettings } from '../../settings/load';
import { zone } from './minimal';

const patienceOf = (more: string) => {
  const { production } = parseSettings(`${zone}${more}`, 'cutover.yaml').zones;
  if (!production) throw new Error('There is no zone.');
  const { healthCheckGracePeriodSeconds = 0 } = planServiceSettings(production);
  return [healthCheckGracePeriodSeconds / 60, production.startTimeout / 60_000];
};

const windows = '    taskDefinition: { runtimePlatform: { operatingSystemFamily: WINDOWS_SERVER_2022_CORE } }\n';

test('Windows tasks get ten minutes of grace and half an hour to start, others one minute and a quarter of an hour', () => {
  expect(patienceOf('')).toEqual([1, 15]);
  expect(patienceOf('    taskDefinition: { runtimePlatform: { operatingSystemFamily: LINUX } }\n')).toEqual([1, 15]);
  expect(patienceOf(windows)).toEqual([10, 30]);
});

test('what the settings say holds for Windows too', () => {
  expect(patienceOf(`${windows}    service: { healthCheckGracePeriod: 2m }\n    startTimeout: 1h\n`)).toEqual([2, 60]);
});
