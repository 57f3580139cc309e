// Preloaded into the processes of a walks' stack: the wall clock of a worker is off by as many milliseconds as a file says, now.
const { readFileSync, watchFile } = require('node:fs');
const { isMainThread } = require('node:worker_threads');

const file = process.env.WALKS_CLOCK;
if (file !== undefined && isMainThread && process.argv[2] === 'worker') {
  const RealDate = Date;
  let offMs = 0;
  const read = () => {
    offMs = Number(readFileSync(file, 'utf8'));
  };
  read();
  watchFile(file, { interval: 100, persistent: false }, read);
  const now = () => RealDate.now() + offMs;
  globalThis.Date = new Proxy(RealDate, {
    apply: () => new RealDate(now()).toString(),
    construct: (target, given, made) => Reflect.construct(target, given.length === 0 ? [now()] : given, made),
    get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
  });
}
