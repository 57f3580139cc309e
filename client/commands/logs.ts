/** `cutover logs`: the last lines that an application's tasks printed. */
import { colors } from '../text/colors';
import type { TaskLog } from '../../contract/questions';
import { findTarget, print, withDeployments, type CommonOptions } from '../options';

export async function logs(application: string, options: CommonOptions & { readonly lines: number }): Promise<void> {
  await withDeployments(options, async (deployments, settings) => {
    const target = await findTarget(deployments, application, options, settings);
    const found = await deployments.ask({ kind: 'logs', ...target, lines: options.lines });
    if (options.json) return print(JSON.stringify(found));
    if (found.length === 0) return print(`${application} has no task in containers: the Platform Server serves it.`);
    found.forEach((log) => print(describeLog(log)));
  });
}

function describeLog({ task, service, status, lines }: TaskLog): string {
  const said = lines.map(({ at, text }) => (at === null ? text : `${colors.dim(at)}  ${text}`));
  return [colors.bold(`${service} ${task} (${status})`), ...(said.length > 0 ? said : ['(it logged nothing)'])].join(
    '\n',
  );
}
