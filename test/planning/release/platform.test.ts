import { platformOf, refuseOtherPlatform } from '../../../planning/release/platform';

const windows = { os: 'windows', architecture: 'amd64' };
const linux = { os: 'linux', architecture: 'amd64' };
const fargate = { requiresCompatibilities: ['FARGATE' as const] };
const refusalOf =
  (...asked: Parameters<typeof refuseOtherPlatform>) =>
  () =>
    refuseOtherPlatform(...asked);
const image = 'orders:1';

test('a Windows image in a zone that nobody told is Windows is refused, with what to set', () => {
  expect(refusalOf({ image, platform: windows }, fargate)).toThrow(
    "orders:1 runs on windows/amd64, and its tasks would be linux/amd64: set runtimePlatform of the zone's taskDefinition to { operatingSystemFamily: WINDOWS_SERVER_2022_CORE (or what its base image is), cpuArchitecture: X86_64 }, or deploy another image.",
  );
});

test('a Linux image in a zone of Windows, or of another architecture, is refused', () => {
  const runtimePlatform = { operatingSystemFamily: 'WINDOWS_SERVER_2022_CORE' as const };
  expect(refusalOf({ image, platform: linux }, { runtimePlatform })).toThrow(
    /runs on linux\/amd64, and its tasks would be windows/,
  );
  const arm = { operatingSystemFamily: 'LINUX' as const, cpuArchitecture: 'ARM64' as const };
  expect(refusalOf({ image, platform: linux }, { runtimePlatform: arm })).toThrow(/would be linux\/arm64/);
});

test.each([
  [
    'what fits',
    { image, platform: windows },
    { runtimePlatform: { operatingSystemFamily: 'WINDOWS_SERVER_2019_FULL' as const } },
  ],
  ['what the registry says nothing of', { image }, fargate],
  [
    'tasks of instances whose platform nobody named',
    { image, platform: windows },
    { requiresCompatibilities: ['EC2' as const] },
  ],
])('%s is not refused', (_, release, task) => expect(refusalOf(release, task)).not.toThrow());

test('what a task definition leaves out is Linux on x86', () => expect(platformOf()).toEqual(linux));
