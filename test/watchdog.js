// A test that never returns, in a loop or in a call of the system, is beyond jest's own time limits and would hold up the whole run.
// A thread of each of jest's workers watches what runs there; it says where that is, and ends the worker, which jest reports.
const { spawnSync } = require('node:child_process');
const { writeSync } = require('node:fs');
const { Session } = require('node:inspector');
const { Worker, isMainThread, workerData } = require('node:worker_threads');

/** So long after the end of a step's own time limit it is stuck: what is loaded between two steps has no other. TEST_GRACE_MS is for trying that. */
const graceMs = Number(process.env.TEST_GRACE_MS ?? 300_000);
const lookEveryMs = Math.min(5_000, graceMs);
/** In a call of the system a thread is never paused. */
const pauseWithinMs = 5_000;
const mostBytes = 2_048;

/** In memory that both threads see: when the present step is stuck, in ms since the epoch (0: there is none), and what it is. */
const stepIn = (memory) => ({ stuckAt: new Float64Array(memory, 0, 1), text: new Uint8Array(memory, 8) });

/** @returns takes what is done from now on, and within how many ms; without a step, nothing is */
function startWatchdog() {
  const memory = new SharedArrayBuffer(8 + mostBytes);
  const { stuckAt, text } = stepIn(memory);
  new Worker(__filename, { workerData: memory, execArgv: [] }).unref();
  return (step, limitMs = 0) => {
    text.fill(0);
    new TextEncoder().encodeInto(step ?? '', text);
    stuckAt[0] = step === undefined ? 0 : Date.now() + limitMs + graceMs;
  };
}

function watch({ stuckAt, text }) {
  const looking = setInterval(() => {
    if (stuckAt[0] === 0 || Date.now() < stuckAt[0]) return;
    clearInterval(looking);
    say(`STUCK, and ended: ${Buffer.from(text).toString().replaceAll('\0', '')}`);
    say(spawnSync('ps', ['-o', 'pid,stat,wchan:24,args', '--ppid', `${process.pid}`], { encoding: 'utf8' }).stdout);
    const session = new Session();
    const files = new Map();
    session.connectToMainThread();
    session.on('Debugger.scriptParsed', ({ params }) => files.set(params.scriptId, params.url));
    session.on('Debugger.paused', ({ params }) => {
      for (const { functionName, location } of params.callFrames)
        say(`  at ${functionName} (${files.get(location.scriptId)}:${location.lineNumber + 1})`);
      end();
    });
    session.post('Debugger.enable');
    session.post('Debugger.pause');
    setTimeout(end, pauseWithinMs);
  }, lookEveryMs);
}

/** At once: what this process prints by the main thread never appears. */
const say = (line) => writeSync(2, `${line}\n`);
const end = () => process.kill(process.pid, 'SIGKILL');

if (isMainThread) module.exports = { startWatchdog };
else watch(stepIn(workerData));
