// The parts of `npm run bench`, in the order of the page: each one's program under lib/bench, what a quick run gives it (a part
// without that is left out there), what the page says of it, and, where it may miss a limit,
// what limits it. A program is in lib/bench of the project, or of the package named.
const parts = [
  {
    name: 'comparison',
    program: 'comparison/index.js',
    quick: ['--sizes', '2x1'],
    title: 'Beside other ways to do the same change',
    says: 'One change of an application under steady traffic: the first answer of the new version, the last one of the old, and when the tool says that it is done, in seconds of AWS. "By hand" is the fewest calls that move the users at once: it verifies nothing, bakes nothing, and drains nothing. Every second of the work of a tool itself counts ten times here, because the stack is ten times as fast as AWS and the tools are not.',
  },
  {
    name: 'approval',
    program: 'approval.js',
    title: 'From the approval to the first answer of green',
    says: 'Three modules, and a load balancer whose changes hold at once. Milliseconds; the fixed cost is what a deployment takes beside task starts, health checks, settle, bake and draining, in seconds.',
    limitedBy:
      'An approval is a signal: Temporal stores it, wakes the workflow, takes the step that it decides, hands that to the worker as an activity, and the activity looks once more before it changes the rule. Each of these is a turn through Temporal and its database on the same two cores as everything else here.',
  },
  {
    name: 'costs',
    program: 'costs.js',
    quick: ['--first', '1'],
    title: 'What a deployment costs',
    says: 'Calls of AWS, and the history in Temporal: three modules, two replicas, on a stack ten times as fast as AWS. What waits looks at most every second of AWS, so a deployment of an hour has more of the same calls.',
  },
  {
    name: 'crash',
    program: 'crash.js',
    title: 'From the death of a worker to going on',
    says: 'In start, until another process has what waits for green. At the approval and in the bake, from the kill, with a command within the second after it, to the first write to AWS: the start of a worker is in it.',
    limitedBy:
      'In start, Temporal notices by a sign of life that is missing for six seconds; a shorter one costs twice the heartbeats, and ends what goes on well on a worker that is full. To a command, Temporal keeps what comes for two seconds for the worker that is gone, and a worker starts in two; with a second worker the start falls away. A command that Temporal hands to a worker in the very moment in which it dies waits for five.',
  },
  {
    name: 'starts',
    program: 'starts.js',
    quick: ['--times', '2'],
    title: 'Starts',
    says: 'Seconds. Node.js alone is in each of them.',
  },
  {
    name: 'hooks',
    program: 'hooks.js',
    quick: ['--calls', '10'],
    title: 'The answer to a call of the platform',
    says: 'Milliseconds until the operation is safe in Temporal and the call is answered.',
  },
  {
    name: 'firstWrite',
    program: 'first-write.js',
    quick: ['--calls', '1'],
    title: 'From a call of the platform to AWS',
    says: 'A ContainerRun whose image is there: milliseconds until its first write, and seconds until the platform reads the answer, on a stack ten times as fast as AWS.',
  },
  {
    name: 'overload',
    program: 'many/overload.js',
    title: 'Deployments started at once',
    says: "On one worker, until each has its plan, made by real calls: first of an AWS that answers as often as asked (a thousand times AWS's published rates), then at those rates, of which half are used. The more wait, the more of what they read of their zone they share: calls of AWS, each. Seconds of CPU are those of one core, over the whole batch.",
    limitedBy:
      'An activity that is done again, because no sign of life came from the worker in time, is a machine that others use too: a plan is given up after ten seconds without one.',
  },
  {
    name: 'toTheEnd',
    program: 'many/to-the-end.js',
    title: 'Deployments started at once that run to their end',
    says: "At AWS's published rates, of which cutover takes half: moves into containers on one worker, 40 behind each load balancer, asked by users meanwhile, on a stack three times as fast as AWS. Changes of load balancers, three a second for an account of AWS, are what all wait for. Seconds.",
    limitedBy:
      'Where the machine has no core to spare, the local AWS and its load balancer answer later than anybody waits for, and deployments hold until somebody retries.',
  },
  {
    name: 'rollback',
    program: 'temporal/rollback.js',
    title: 'A rollback on a worker that is full',
    says: 'Milliseconds from the command to the first write, beside bakes, calls of the platform that wait for their turn, and people who watch.',
  },
  {
    name: 'waiting',
    program: 'temporal/waiting.js',
    title: 'Deployments that wait for people',
    says: 'On one worker: the seconds until all of them wait, its memory, and its CPU while they wait.',
  },
  {
    name: 'proxy',
    package: 'packages/local-aws',
    program: 'proxy.js',
    title: 'The local load balancer beside nginx',
    says: 'Requests a second over 32 connections, answers of 1 KiB, in turns with the same target: nginx itself, nginx before it, and the local load balancer before it. It is what the other figures go through.',
  },
  {
    name: 'healthChecks',
    package: 'packages/local-aws',
    program: 'health-checks.js',
    title: "The local load balancer's health checks",
    says: 'A thousand targets, each checked every five seconds, while it serves: how many checks came of those wanted.',
  },
];

module.exports = { parts };
