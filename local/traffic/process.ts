/** The traffic generator's process: begins with the options it is given, obeys its parent, and ends with it. */
import { startGenerator, type Generator } from './generator';
import type { TrafficCommand, TrafficOptions, TrafficReport, TrafficRequest, TrafficResponse } from './messages';

async function obey(generator: Generator, command: TrafficCommand): Promise<TrafficReport> {
  if (command.do === 'setApplications') generator.setApplications(command.applications);
  if (command.do === 'expect') generator.expect(command.application, command.allowed);
  return command.do === 'stop' ? await generator.stop() : generator.report();
}

const generator = startGenerator(JSON.parse(process.argv[2] ?? '') as TrafficOptions);

process.on('message', ({ id, command }: TrafficRequest) => {
  void obey(generator, command).then((report) => {
    const response: TrafficResponse = { id, report };
    process.send?.(response, () => {
      if (command.do === 'stop') process.exit(0);
    });
  });
});
process.on('disconnect', () => process.exit(0));
// Ctrl-C reaches every process in a terminal; the parent decides when this one ends.
process.on('SIGINT', () => undefined);
