// Answers with the task that it runs in, and ends what it is doing on SIGTERM.
const server = require('node:http').createServer((request, response) => {
  response.end(`Hello from task ${process.env.LOCAL_AWS_TASK}\n`);
});
server.listen(Number(process.env.PORT), '127.0.0.1');
process.on('SIGTERM', () => server.close(() => process.exit(0)));
